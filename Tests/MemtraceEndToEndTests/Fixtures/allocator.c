/* SPDX-License-Identifier: Apache-2.0
 *
 * A malloc that is not glibc's, to be preloaded: it hands out memory of its
 * own, front to back, and takes none back.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum { alignment = 16 };
static _Alignas(4096) char memory[(size_t)256 << 20];
static _Atomic size_t used;

void *memalign(size_t boundary, size_t size)
{
    size_t taken = boundary + alignment + (size + 15) / 16 * 16;
    size_t start = atomic_fetch_add(&used, taken);
    if (size > sizeof memory || start + taken > sizeof memory) {
        errno = ENOMEM;
        return NULL;
    }
    uintptr_t place = (uintptr_t)memory + start + alignment;
    place = (place + boundary - 1) / boundary * boundary;
    memcpy((char *)place - sizeof size, &size, sizeof size);
    return (void *)place;
}

void *malloc(size_t size)
{
    return memalign(alignment, size);
}

void *calloc(size_t count, size_t size)
{
    return malloc(count * size); /* static memory is zero, and never reused */
}

void free(void *block)
{
    (void)block;
}

void *realloc(void *old, size_t size)
{
    void *block = malloc(size);
    size_t old_size;
    if (block && old) {
        memcpy(&old_size, (char *)old - sizeof old_size, sizeof old_size);
        memcpy(block, old, old_size < size ? old_size : size);
    }
    return block;
}

int posix_memalign(void **block, size_t boundary, size_t size)
{
    *block = memalign(boundary, size);
    return *block ? 0 : ENOMEM;
}

void *aligned_alloc(size_t boundary, size_t size)
{
    return memalign(boundary, size);
}
