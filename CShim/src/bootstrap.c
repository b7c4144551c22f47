/* SPDX-License-Identifier: Apache-2.0
 *
 * See bootstrap.h. Each block has its size in the 16 bytes before it.
 */
#include "bootstrap.h"

#include <errno.h>
#include <stdalign.h>
#include <stdatomic.h>
#include <string.h>

#define ALIGNMENT 16u

alignas(ALIGNMENT) char mt_bootstrap_arena[MT_BOOTSTRAP_BYTE_COUNT];

static _Atomic size_t used;

void *mt_bootstrap_allocate(size_t byte_count)
{
    if (byte_count > MT_BOOTSTRAP_BYTE_COUNT) {
        errno = ENOMEM;
        return NULL;
    }
    size_t taken =
        ALIGNMENT + (byte_count + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    size_t start = atomic_fetch_add(&used, taken);
    if (start + taken > MT_BOOTSTRAP_BYTE_COUNT) {
        errno = ENOMEM;
        return NULL;
    }
    memcpy(mt_bootstrap_arena + start, &byte_count, sizeof byte_count);
    return mt_bootstrap_arena + start + ALIGNMENT;
}

size_t mt_bootstrap_size(const void *block)
{
    size_t byte_count;
    memcpy(&byte_count, (const char *)block - ALIGNMENT, sizeof byte_count);
    return byte_count;
}

void *mt_bootstrap_reallocate(void *block, size_t byte_count)
{
    void *copy = mt_bootstrap_allocate(byte_count);
    if (copy && block) {
        size_t old = mt_bootstrap_size(block);
        memcpy(copy, block, old < byte_count ? old : byte_count);
    }
    return copy;
}
