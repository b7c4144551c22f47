/* SPDX-License-Identifier: Apache-2.0
 *
 * One event from start to finish: guard, stack, stamp, window. The doors call
 * these; errno is as it was when they return, and nothing here can fail in a
 * way the program would notice.
 */
#ifndef MT_RECORD_H
#define MT_RECORD_H

#include "stack.h"
#include "trace_format.h"

#include <stddef.h>
#include <stdint.h>

/* The event, where no outer door stands for it. */
void mt_record_begin_alone(enum mt_function function, const void *block,
                           size_t size, const struct mt_caller *caller);
void mt_record_end_alone(enum mt_function function, const void *block);

/* A block began; after the real call. `block` may be NULL: no event. Here and
 * below what is looked at first is small enough for each door to have it: of
 * the two or three doors that `new` and `delete` lead through, one records. */
static MT_INLINE void mt_record_begin(enum mt_function function,
                                      const void *block, size_t size,
                                      const struct mt_caller *caller)
{
    struct mt_nest *nest = &mt_thread.nest;
    if (MT_UNLIKELY(nest->frame) &&
        mt_nest_holds(nest, block, size, mt_caller_sp(caller)))
        return;
    if (MT_LIKELY(block))
        mt_record_begin_alone(function, block, size, caller);
}

/* A block is about to end; before the real call, as the address may be another
 * thread's before that returns. NULL: no event. */
static MT_INLINE void mt_record_end(enum mt_function function,
                                    const void *block)
{
    if (block && MT_LIKELY(!mt_nest_ends(&mt_thread.nest, block)))
        mt_record_end_alone(function, block);
}

/* What is known of a block's end before the real realloc, which may hand the
 * address on to another thread. */
struct mt_ending {
    uint64_t word; /* of its address, in owner.h */
    uint64_t ticks;
};
struct mt_ending mt_record_foresee(const void *block);

/* A realloc succeeded: `old` (may be NULL) ended, `block` began. */
void mt_record_replace(enum mt_function function, const void *old,
                       struct mt_ending foreseen, const void *block,
                       size_t size, const struct mt_caller *caller);

/* realloc(old, 0) gave NULL: `old` (not NULL) ended. */
void mt_record_end_foreseen(enum mt_function function, const void *block,
                            struct mt_ending foreseen);

/* The instant before a real munmap or mremap. */
uint64_t mt_record_stamp(void);

/* `mapping`: enum mt_mapping. */
void mt_record_map(enum mt_function function, const void *start,
                   size_t byte_count, unsigned mapping,
                   const struct mt_caller *caller);
void mt_record_unmap(enum mt_function function, const void *start,
                     size_t byte_count, uint64_t before);

/* Writes the event of mt_record_begin with a stack that is known; for early.c,
 * which is behind the guard already. */
void mt_record_write_begin(struct mt_thread_state *thread, unsigned function,
                           const void *block, size_t size, uint32_t stack);

#endif
