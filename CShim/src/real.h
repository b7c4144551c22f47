/* SPDX-License-Identifier: Apache-2.0
 *
 * The functions behind our doors: the next in symbol order, never a fixed
 * allocator, so that a preloaded jemalloc or mimalloc goes on to serve.
 * The only dlsym, and the only dlfcn.h.
 */
#ifndef MT_REAL_H
#define MT_REAL_H

#include <signal.h> /* sigaction, for its type */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h> /* FILE, for the type of fopen; nothing is called */
#include <sys/types.h>

/* Short for the tables below. */
#define MT_TEXT const char *
#define MT_TEXTS char *const *
#define MT_ACTION struct sigaction *

/* result, name, parameters; found by mt_real_begin. Every libc that the
 * library runs with has them. */
#define MT_REAL_C_FUNCTIONS(X)                                \
    X(void *, malloc, (size_t))                               \
    X(void *, calloc, (size_t, size_t))                       \
    X(void *, realloc, (void *, size_t))                      \
    X(void *, reallocarray, (void *, size_t, size_t))         \
    X(void *, memalign, (size_t, size_t))                     \
    X(int, posix_memalign, (void **, size_t, size_t))         \
    X(void *, aligned_alloc, (size_t, size_t))                \
    X(void *, valloc, (size_t))                               \
    X(void *, pvalloc, (size_t))                              \
    X(void, free, (void *))                                   \
    X(void *, mmap, (void *, size_t, int, int, int, off_t))   \
    X(int, munmap, (void *, size_t))                          \
    X(void *, mremap, (void *, size_t, size_t, int, ...))     \
    X(int, dlclose, (void *))                                 \
    X(int, close, (int))                                      \
    X(int, dup2, (int, int))                                  \
    X(int, dup3, (int, int, int))                             \
    X(int, close_range, (unsigned, unsigned, int))            \
    X(void, closefrom, (int))                                 \
    X(int, pipe, (int *))                                     \
    X(int, pipe2, (int *, int))                               \
    X(char *, getenv, (const char *))                         \
    X(FILE *, fopen, (const char *, const char *))            \
    X(FILE *, fopen64, (const char *, const char *))          \
    X(int, fileno, (FILE *))                                  \
    X(int, setvbuf, (FILE *, char *, int, size_t))            \
    X(int, execve, (MT_TEXT, MT_TEXTS, MT_TEXTS))             \
    X(int, execveat, (int, MT_TEXT, MT_TEXTS, MT_TEXTS, int)) \
    X(int, fexecve, (int, MT_TEXTS, MT_TEXTS))                \
    X(int, execv, (MT_TEXT, MT_TEXTS))                        \
    X(int, execvp, (MT_TEXT, MT_TEXTS))                       \
    X(int, execvpe, (MT_TEXT, MT_TEXTS, MT_TEXTS))            \
    X(int, sigaction, (int, const MT_ACTION, MT_ACTION))      \
    X(sighandler_t, signal, (int, sighandler_t))              \
    X(sighandler_t, sysv_signal, (int, sighandler_t))         \
    X(sighandler_t, sigset, (int, sighandler_t))              \
    X(int, sigignore, (int))                                  \
    X(int, prctl, (int, ...))                                 \
    X(long, syscall, (long, ...))                             \
    X(void, _exit, (int))                                     \
    X(void, _Exit, (int))

/* Those that a libc may lack; NULL until mt_real_begin_optional, and then where
 * they are missing. dlsym calls malloc for the message that a name is missing,
 * and mt_real_begin may be called by an allocator that is only just beginning
 * itself, by way of its mmap. */
#define MT_REAL_OPTIONAL_FUNCTIONS(X)     \
    X(void, free_sized, (void *, size_t)) \
    X(void, free_aligned_sized, (void *, size_t, size_t))

struct mt_real {
#define MT_REAL_FIELD(result, name, parameters) result(*name) parameters;
    MT_REAL_C_FUNCTIONS(MT_REAL_FIELD)
    MT_REAL_OPTIONAL_FUNCTIONS(MT_REAL_FIELD)
#undef MT_REAL_FIELD
};

/* Until mt_real_begin has run, the allocating members lead to functions that
 * run it, or serve from bootstrap.h while it does. */
extern struct mt_real mt_real;

/* Finds them all; once, before any second thread can be. */
void mt_real_begin(void);

/* Whether an address lies in this library. */
bool mt_real_is_own(uintptr_t address);

/* Whether the program's malloc and realloc are others than our doors: those of
 * the program itself, or of a library that was preloaded before this one. What
 * we call is behind us, and need not be the allocator that they are of. */
bool mt_real_is_passed_by(void);

/* Finds the others; by the constructor, when malloc works. */
void mt_real_begin_optional(void);

/* The next definition of `name` behind ours, or NULL. */
void *mt_real_next(const char *name);

/* The definition of `name` that a program sees, or NULL. */
void *mt_real_global(const char *name);

/* A shared library by name, local to us, for ever; NULL when there is none. */
void *mt_real_open(const char *name);
void *mt_real_symbol(void *library, const char *name);

/* An image in memory, as the dynamic loader knows it. */
struct mt_real_image {
    uintptr_t start, end, load_bias; /* of a segment, if there are gaps */
    const void *handle;              /* what dlopen returns for it */
    const char *path; /* the loader's string; "" for the program itself */
    const void *eh_frame_header; /* .eh_frame_hdr, or NULL */
};

/* The image at `address`, without a lock or an allocation (_dl_find_object,
 * glibc 2.35); false when there is none, or no such function. */
bool mt_real_find_image(uintptr_t address, struct mt_real_image *image);
bool mt_real_can_find_images(void);

#endif
