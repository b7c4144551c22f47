/* SPDX-License-Identifier: Apache-2.0
 *
 * A small static arena for what is allocated while dlsym itself runs, before
 * the real allocator is known. What is taken from it is never given back.
 */
#ifndef MT_BOOTSTRAP_H
#define MT_BOOTSTRAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MT_BOOTSTRAP_BYTE_COUNT 16384
extern char mt_bootstrap_arena[MT_BOOTSTRAP_BYTE_COUNT];

/* Zeroed, aligned to 16 bytes; NULL with ENOMEM when the arena is used up. */
void *mt_bootstrap_allocate(size_t byte_count);

/* Contents of `block` (NULL, or from here) in a new place. */
void *mt_bootstrap_reallocate(void *block, size_t byte_count);

/* The size that `block`, from here, was asked for. */
size_t mt_bootstrap_size(const void *block);

/* Whether a block is from here and must not reach the real allocator. */
static inline bool mt_bootstrap_owns(const void *block)
{
    return (uintptr_t)block - (uintptr_t)mt_bootstrap_arena <
           MT_BOOTSTRAP_BYTE_COUNT;
}

#endif
