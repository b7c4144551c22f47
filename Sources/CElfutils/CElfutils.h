/* SPDX-License-Identifier: Apache-2.0
 *
 * What Symbolication needs of elfutils (ELF, DWARF, separate debug files), of
 * libiberty (demanglers) and of the Swift runtime (its own), as one Clang
 * module. The code in it is only what cannot be said in Swift: longjmp.
 */
#ifndef MEMTRACE_CELFUTILS_H
#define MEMTRACE_CELFUTILS_H

#include <dwarf.h>
#include <elfutils/libdw.h>
#include <elfutils/libdwelf.h>
#include <elfutils/libdwfl.h>
#include <gelf.h>
#include <libelf.h>
#include <libiberty/demangle.h>
#include <setjmp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* The Swift runtime's own demangler, exported by libswiftCore. Gives a string
 * from malloc (output_buffer NULL), or NULL when `name` is no Swift symbol. */
char *swift_demangle(const char *name, size_t name_byte_count,
                     char *output_buffer, size_t *output_byte_count,
                     uint32_t flags);

/* A demangler of libiberty's that hands its text over piece by piece. */
typedef int (*mt_demangler)(const char *mangled, int options,
                            demangle_callbackref callback, void *opaque);

struct mt_bounded_text {
    char *bytes;
    size_t byte_count;
    size_t capacity;
    jmp_buf overflow;
};

static inline void mt_bounded_text_append(const char *piece, size_t byte_count,
                                          void *opaque)
{
    struct mt_bounded_text *text = (struct mt_bounded_text *)opaque;
    if (byte_count > text->capacity - text->byte_count)
        longjmp(text->overflow, 1);
    memcpy(text->bytes + text->byte_count, piece, byte_count);
    text->byte_count += byte_count;
}

/* Demangles into `buffer` and returns the number of bytes there; 0 when
 * `mangled` is not a name of this kind, or when the text needs more than
 * `capacity`: 240 bytes of back references can stand for 140 MB of text, and
 * only leaving the demangler stops it. It keeps its state on the stack, so
 * longjmp loses nothing (Rust's: a buffer of one identifier at the most). */
static inline size_t mt_demangle_bounded(mt_demangler demangler,
                                         const char *mangled, int options,
                                         char *buffer, size_t capacity)
{
    struct mt_bounded_text text;
    text.bytes = buffer;
    text.byte_count = 0;
    text.capacity = capacity;
    if (setjmp(text.overflow) != 0)
        return 0;
    if (!demangler(mangled, options, mt_bounded_text_append, &text))
        return 0;
    return text.byte_count;
}

#endif
