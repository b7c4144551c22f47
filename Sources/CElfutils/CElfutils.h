/* SPDX-License-Identifier: Apache-2.0
 *
 * What Symbolication needs of elfutils (ELF, DWARF, separate debug files), of
 * libiberty (demanglers) and of the Swift runtime (its own), as one Clang
 * module. The code in it is only what cannot be said in Swift: longjmp, and
 * system calls that glibc has no function for, or not for everyone.
 */
#ifndef MEMTRACE_CELFUTILS_H
#define MEMTRACE_CELFUTILS_H

#include <dwarf.h>
#include <elfutils/libdw.h>
#include <elfutils/libdwelf.h>
#include <elfutils/libdwfl.h>
#include <errno.h>
#include <fcntl.h>
#include <gelf.h>
#include <libelf.h>
#include <libiberty/demangle.h>
#include <linux/openat2.h>
#include <setjmp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/syscall.h>
#include <unistd.h>

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

/* Opens `path` as a process sees it whose `/` is `root`: a symbolic link in
 * there that begins with a slash stays in there (Linux 5.6). Returns a
 * descriptor, or -1 with errno set. */
static inline int mt_open_in_root(const char *root, const char *path, int flags)
{
    int folder = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder < 0)
        return -1;
    struct open_how how = {
        .flags = (uint64_t)(unsigned)flags,
        .resolve = RESOLVE_IN_ROOT,
    };
    int file =
        (int)syscall(SYS_openat2, folder, path, &how, sizeof(struct open_how));
    if (file < 0 && (errno == ENOSYS || errno == EPERM)) {
        while (*path == '/')
            path++;
        file = openat(folder, path, flags);
    }
    int error = errno;
    close(folder);
    errno = error;
    return file;
}

/* An empty file in memory: a descriptor, or -1 with errno set. */
static inline int mt_open_memory(const char *name)
{
    return (int)syscall(SYS_memfd_create, name, 1u /* MFD_CLOEXEC */);
}

#endif
