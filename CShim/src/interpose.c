/* SPDX-License-Identifier: Apache-2.0
 *
 * The doors of the C allocator. Each calls the real function and hands over to
 * the clerk (record.h); no clock, no stack, no file here.
 */
#include "bootstrap.h"
#include "real.h"
#include "record.h"

#include <errno.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>

MT_EXPORT void *malloc(size_t size)
{
    void *block = mt_real.malloc(size);
    const struct mt_caller *caller = MT_CALLER();
    mt_record_begin(MT_MALLOC, block, size, caller);
    return block;
}

MT_EXPORT void *calloc(size_t count, size_t size)
{
    void *block = mt_real.calloc(count, size);
    const struct mt_caller *caller = MT_CALLER();
    mt_record_begin(MT_CALLOC, block, count * size, caller);
    return block;
}

/* A block of the bootstrap arena moves to the real allocator. */
static void *leave_bootstrap(void *old, size_t size)
{
    void *block = mt_real.malloc(size);
    size_t old_size = mt_bootstrap_size(old);
    if (block)
        memcpy(block, old, old_size < size ? old_size : size);
    return block;
}

/* `old` ends before the call and `block` begins after it: between the two the
 * address may have been another thread's. */
static inline void *reallocated(enum mt_function function, void *old,
                                size_t size, const struct mt_caller *caller)
{
    if (MT_UNLIKELY(old && mt_bootstrap_owns(old))) {
        void *moved = leave_bootstrap(old, size);
        mt_record_begin(function, moved, size, caller);
        return moved;
    }
    struct mt_ending ending = mt_record_foresee(old);
    void *block = mt_real.realloc(old, size);
    if (block)
        mt_record_replace(function, old, ending, block, size, caller);
    else if (old && !size)
        mt_record_end_foreseen(MT_REALLOC_FREE, old, ending);
    return block;
}

MT_EXPORT void *realloc(void *old, size_t size)
{
    const struct mt_caller *caller = MT_CALLER();
    return reallocated(MT_REALLOC, old, size, caller);
}

MT_EXPORT void *reallocarray(void *old, size_t count, size_t size)
{
    /* libc's own calls whatever realloc the program has. */
    if (MT_UNLIKELY(mt_real_is_passed_by()))
        return mt_real.reallocarray(old, count, size);
    size_t byte_count;
    if (__builtin_mul_overflow(count, size, &byte_count)) {
        errno = ENOMEM;
        return NULL;
    }
    const struct mt_caller *caller = MT_CALLER();
    return reallocated(MT_REALLOCARRAY, old, byte_count, caller);
}

MT_EXPORT void *memalign(size_t alignment, size_t size)
{
    void *block = mt_real.memalign(alignment, size);
    const struct mt_caller *caller = MT_CALLER();
    mt_record_begin(MT_MEMALIGN, block, size, caller);
    return block;
}

MT_EXPORT int posix_memalign(void **block, size_t alignment, size_t size)
{
    int error = mt_real.posix_memalign(block, alignment, size);
    const struct mt_caller *caller = MT_CALLER();
    mt_record_begin(MT_POSIX_MEMALIGN, error ? NULL : *block, size, caller);
    return error;
}

MT_EXPORT void *aligned_alloc(size_t alignment, size_t size)
{
    void *block = mt_real.aligned_alloc(alignment, size);
    const struct mt_caller *caller = MT_CALLER();
    mt_record_begin(MT_ALIGNED_ALLOC, block, size, caller);
    return block;
}

MT_EXPORT void *valloc(size_t size)
{
    mt_real_begin();
    void *block = mt_real.valloc(size);
    const struct mt_caller *caller = MT_CALLER();
    mt_record_begin(MT_VALLOC, block, size, caller);
    return block;
}

MT_EXPORT void *pvalloc(size_t size)
{
    mt_real_begin();
    void *block = mt_real.pvalloc(size);
    const struct mt_caller *caller = MT_CALLER();
    mt_record_begin(MT_PVALLOC, block, size, caller);
    return block;
}

MT_EXPORT void free(void *block)
{
    if (MT_UNLIKELY(mt_bootstrap_owns(block)))
        return;
    /* Recorded first: once the block is really free, another thread may be
     * given the same address and record it before we do. */
    mt_record_end(MT_FREE, block);
    mt_real.free(block);
}

/* Not in the headers of the libc that this is built with. */
void cfree(void *block);
void free_sized(void *block, size_t size);
void free_aligned_sized(void *block, size_t alignment, size_t size);

/* Gone from glibc 2.26 on, but old programs still call it. */
MT_EXPORT void cfree(void *block)
{
    free(block);
}

/* C23; glibc 2.36 has neither, and both may end in free. */
MT_EXPORT void free_sized(void *block, size_t size)
{
    if (!mt_real.free_sized) {
        free(block);
        return;
    }
    mt_record_end(MT_FREE_SIZED, block);
    mt_thread.nest.ending = block;
    mt_real.free_sized(block, size);
    mt_thread.nest.ending = NULL;
}

MT_EXPORT void free_aligned_sized(void *block, size_t alignment, size_t size)
{
    if (!mt_real.free_aligned_sized) {
        free(block);
        return;
    }
    mt_record_end(MT_FREE_ALIGNED_SIZED, block);
    mt_thread.nest.ending = block;
    mt_real.free_aligned_sized(block, alignment, size);
    mt_thread.nest.ending = NULL;
}
