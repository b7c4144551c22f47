// SPDX-License-Identifier: Apache-2.0
//
// A second unit for programs of several: code in more than one place, and
// inlined functions whose ranges are not in one piece.

#include <stdlib.h>

#include "note.h"

namespace stock
{

static INLINED int counted(int number)
{
    if (number < 0)
        abort(); // moved out of the way
    return number * 3;
}

OUTLINED int first(int number)
{
    return counted(number) + counted(number / 2);
}

__attribute__((cold)) OUTLINED int rare(int number)
{
    return counted(number - 1);
}

} // namespace stock

// Called by nobody but the linker's table of these.
__attribute__((constructor)) static void take_stock(void)
{
    volatile int number = 4;
    number = stock::first(number) + stock::rare(number);
}
