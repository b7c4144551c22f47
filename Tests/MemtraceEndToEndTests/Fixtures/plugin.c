/* SPDX-License-Identifier: Apache-2.0
 *
 * A library that is loaded and unloaded. Built several times, with another
 * PLUGIN_FUNCTION (and nothing else) each time, so that two of them at the
 * same address can be told apart by name alone. Leaks COUNT blocks of 56.
 */
#include <stdlib.h>

#define NEVER __attribute__((noinline))

void plugin_work(int count);
void PLUGIN_FUNCTION(int count);

NEVER void PLUGIN_FUNCTION(int count)
{
    for (int i = 0; i < count; i++) {
        *(volatile char *)malloc(56) = 1;
        char *volatile given_back = malloc(57);
        free(given_back);
    }
}

void plugin_work(int count)
{
    PLUGIN_FUNCTION(count);
}
