/* SPDX-License-Identifier: Apache-2.0
 *
 * Allocates before anybody's constructor and after everybody's destructor:
 * in .preinit_array, in constructors of the first and the last priority, in
 * main, in functions of atexit and on_exit, in destructors of both
 * priorities. Each loses one block, of 100 bytes more than the one before,
 * and frees the block that the one before it left in `passed`.
 */
#define _GNU_SOURCE
#include <stdlib.h>
#include <unistd.h>

#define NEVER __attribute__((noinline))

static void *passed;

static NEVER void lose(size_t size)
{
    *(volatile char *)malloc(size) = 1;
    free(passed);
    passed = malloc(10);
}

#define PLACE(name, size)        \
    static NEVER void name(void) \
    {                            \
        lose(size);              \
    }

PLACE(before_all, 100)
__attribute__((constructor(101))) PLACE(first_constructor, 200)
    __attribute__((constructor)) PLACE(last_constructor, 300)
        PLACE(at_exit, 500) __attribute__((destructor))
        PLACE(first_destructor, 600) __attribute__((destructor(101)))
        PLACE(last_destructor, 700)

            __attribute__((section(".preinit_array"),
                           used)) static void (*const early)(void) = before_all;

int main(void)
{
    atexit(at_exit);
    lose(400);
    return write(1, "main\n", 5) == 5 ? 0 : 1;
}
