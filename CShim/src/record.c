/* SPDX-License-Identifier: Apache-2.0
 *
 * See record.h.
 */
#include "record.h"

#include "early.h"
#include "owner.h"
#include "sample.h"
#include "window.h"

static inline bool is_paused(void)
{
    return atomic_load_explicit(&mt_process.page->paused, memory_order_relaxed);
}

static inline uint64_t first_word(uint64_t ticks, unsigned function)
{
    return ticks << MT_RAW_FUNCTION_BITS | function;
}

/* Whichever thread comes by first after the deadline takes the sample. */
static inline void sample_if_due(uint64_t ticks)
{
    if (MT_UNLIKELY(ticks >=
                    atomic_load_explicit(&mt_process.page->sample_deadline,
                                         memory_order_relaxed)))
        mt_sample_take(ticks);
}

static inline void write_begin(struct mt_thread_state *thread,
                               unsigned function, const void *block,
                               size_t size, uint32_t stack, uint64_t ticks)
{
    bool is_huge = MT_UNLIKELY(size >= MT_RAW_SIZE_FOLLOWS);
    size_t word_count = 3 + is_huge;
    uint64_t *words = mt_window_reserve(thread, word_count);
    if (!words)
        return;
    words[0] = first_word(ticks, function);
    words[1] = (uint64_t)(uintptr_t)block;
    words[2] = stack | (is_huge ? MT_RAW_SIZE_FOLLOWS : (uint64_t)size) << 32;
    if (is_huge)
        words[3] = size;
    mt_window_commit(thread, word_count);
    mt_owner_set(block, thread->window->ordinal);
}

static inline void write_end(struct mt_thread_state *thread, unsigned function,
                             const void *block, uint64_t ticks)
{
    uint64_t *words = mt_window_reserve(thread, 2);
    if (!words)
        return;
    if (mt_owner_is(block, thread->window->ordinal))
        function |= MT_RAW_OWN_BIT;
    words[0] = first_word(ticks, function);
    words[1] = (uint64_t)(uintptr_t)block;
    mt_window_commit(thread, 2);
}

void mt_record_write_begin(struct mt_thread_state *thread, unsigned function,
                           const void *block, size_t size, uint32_t stack)
{
    write_begin(thread, function, block, size, stack,
                mt_clock_now(&mt_process.clock));
}

/* A block begins, unless the program has paused us; then its address is at
 * least nobody's any more. */
static inline void begin_now(struct mt_thread_state *thread,
                             enum mt_function function, const void *block,
                             size_t size, const struct mt_caller *caller)
{
    if (is_paused()) {
        mt_owner_set(block, MT_OWNER_NOBODY);
        return;
    }
    uint32_t stack = mt_stack_capture(thread, caller);
    uint64_t ticks = mt_clock_now(&mt_process.clock);
    write_begin(thread, function, block, size, stack, ticks);
    sample_if_due(ticks);
}

void mt_record_begin(enum mt_function function, const void *block, size_t size,
                     const struct mt_caller *caller)
{
    if (MT_UNLIKELY(mt_thread.nest.frame) &&
        mt_nest_holds(&mt_thread.nest, block, size, caller->sp))
        return;
    if (!block)
        return;
    if (MT_UNLIKELY(mt_early_is_active)) {
        mt_early_begin(function, block, size, caller);
        return;
    }
    struct mt_thread_state *thread = mt_thread_enter();
    if (!thread)
        return;
    begin_now(thread, function, block, size, caller);
    mt_thread_leave(thread);
}

void mt_record_end_at(enum mt_function function, const void *block,
                      uint64_t before)
{
    if (!block || MT_UNLIKELY(mt_nest_ends(&mt_thread.nest, block)))
        return;
    if (MT_UNLIKELY(mt_early_is_active)) {
        mt_early_end(block);
        return;
    }
    struct mt_thread_state *thread = mt_thread_enter();
    if (!thread)
        return;
    write_end(thread, function, block, before);
    mt_thread_leave(thread);
}

void mt_record_end(enum mt_function function, const void *block)
{
    mt_record_end_at(function, block, mt_clock_now(&mt_process.clock));
}

uint64_t mt_record_stamp(void)
{
    return mt_clock_now(&mt_process.clock);
}

void mt_record_replace(enum mt_function function, const void *old,
                       uint64_t before, const void *block, size_t size,
                       const struct mt_caller *caller)
{
    if (MT_UNLIKELY(mt_early_is_active)) {
        mt_early_end(old);
        mt_early_begin(function, block, size, caller);
        return;
    }
    struct mt_thread_state *thread = mt_thread_enter();
    if (!thread)
        return;
    if (old)
        write_end(thread, MT_REALLOC_FREE, old, before);
    begin_now(thread, function, block, size, caller);
    mt_thread_leave(thread);
}

void mt_record_map(enum mt_function function, const void *start,
                   size_t byte_count, unsigned mapping,
                   const struct mt_caller *caller)
{
    if (MT_UNLIKELY(mt_early_is_active))
        return;
    struct mt_thread_state *thread = mt_thread_enter();
    if (!thread)
        return;
    if (!is_paused()) {
        uint32_t stack = mt_stack_capture(thread, caller);
        uint64_t ticks = mt_clock_now(&mt_process.clock);
        uint64_t *words = mt_window_reserve(thread, 4);
        if (words) {
            words[0] = first_word(ticks, function);
            words[1] = (uint64_t)(uintptr_t)start;
            words[2] = byte_count;
            words[3] = stack | (uint64_t)mapping << 32;
            mt_window_commit(thread, 4);
        }
    }
    mt_thread_leave(thread);
}

void mt_record_unmap(enum mt_function function, const void *start,
                     size_t byte_count, uint64_t before)
{
    if (MT_UNLIKELY(mt_early_is_active))
        return;
    struct mt_thread_state *thread = mt_thread_enter();
    if (!thread)
        return;
    uint64_t *words = mt_window_reserve(thread, 3);
    if (words) {
        words[0] = first_word(before, function);
        words[1] = (uint64_t)(uintptr_t)start;
        words[2] = byte_count;
        mt_window_commit(thread, 3);
    }
    mt_thread_leave(thread);
}
