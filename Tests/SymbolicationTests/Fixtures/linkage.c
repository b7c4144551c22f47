/* SPDX-License-Identifier: Apache-2.0
 *
 * Calls that go through stubs of the linker: to other images, and to functions
 * of this one that are chosen at run time.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int plain(int number)
{
    return number + 1;
}

static int (*choose(void))(int)
{
    return plain;
}

int chosen(int number) __attribute__((ifunc("choose")));
static int chosen_here(int number) __attribute__((ifunc("choose")));

int main(int argc, char **argv)
{
    /* An address that is taken, too: its slot is another one. */
    void (*volatile release)(void *) = free;
    release(strdup(argv[0]));
    free(NULL);
    return printf("%d\n", chosen(argc) + chosen_here(argc)) < 0;
}
