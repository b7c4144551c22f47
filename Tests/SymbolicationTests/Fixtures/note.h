/* SPDX-License-Identifier: Apache-2.0
 *
 * A fixture that includes this says on its standard output which addresses
 * its calls return to: "address load-bias name", hexadecimal, a line each.
 */
#ifndef NOTE_H
#define NOTE_H

#include <link.h>
#include <stdint.h>
#include <stdio.h>

static int note_bias(struct dl_phdr_info *info, size_t size, void *result)
{
    (void)size;
    *(uintptr_t *)result = info->dlpi_addr;
    return 1; /* the first is the program itself */
}

__attribute__((noinline)) static void note(const char *name)
{
    uintptr_t bias = 0;
    dl_iterate_phdr(note_bias, &bias);
    printf("%lx %lx %s\n", (unsigned long)__builtin_return_address(0),
           (unsigned long)bias, name);
}

/* The empty statement behind the call keeps it from becoming a jump. */
#define NOTE(name)            \
    do {                      \
        note(name);           \
        __asm__ volatile(""); \
    } while (0)

#define INLINED inline __attribute__((always_inline))
#define OUTLINED __attribute__((noinline))

#endif
