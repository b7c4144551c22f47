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
static inline void sample_if_due(uint64_t ticks, uint32_t stack)
{
    if (MT_UNLIKELY(ticks >=
                    atomic_load_explicit(&mt_process.page->sample_deadline,
                                         memory_order_relaxed)))
        mt_sample_take(ticks, stack);
}

/* ----------------------------------------------------------------- begins */

/* The thread's stamps do not go back, though the clock, read without waiting,
 * may by a few cycles. */
static inline uint64_t stamp(const struct mt_thread_state *thread,
                             bool is_ordered)
{
    if (is_ordered)
        return mt_clock_now(&mt_process.clock);
    uint64_t ticks = mt_clock_now_unordered(&mt_process.clock);
    return ticks > thread->last_ticks ? ticks : thread->last_ticks;
}

/* The end of a realloc has its stamp from before the call, and may be older
 * than the newest event. */
static inline void note_ticks(struct mt_thread_state *thread, uint64_t ticks)
{
    if (ticks > thread->last_ticks)
        thread->last_ticks = ticks;
}

/* In words behind the start of the window's events. */
static inline uint32_t place_of(const struct mt_thread_state *thread,
                                const uint64_t *words)
{
    size_t place =
        (size_t)((const uint8_t *)words - (const uint8_t *)thread->window) -
        MT_WINDOW_EVENTS_OFFSET;
    place /= sizeof(uint64_t);
    return place < MT_OWNER_NO_PLACE ? (uint32_t)place : MT_OWNER_NO_PLACE;
}

static inline void write_begin(struct mt_thread_state *thread,
                               unsigned function, const void *block,
                               size_t size, uint32_t stack)
{
    bool is_huge = MT_UNLIKELY(size >= MT_RAW_SIZE_FOLLOWS);
    size_t word_count = 3 + is_huge;
    uint64_t *words = mt_window_reserve(thread, word_count);
    if (!words)
        return;
    _Atomic uint64_t *word = mt_owner_word(block);
    uint64_t seen = atomic_load_explicit(word, memory_order_relaxed);
    uint64_t tag = mt_owner_tag(block);
    /* 0: no block has had one of the word's addresses yet. */
    bool is_other =
        seen && mt_owner_seen(seen, tag, thread->owner_window).is_other;
    uint32_t place = size < mt_process.fold_byte_limit && function != MT_OWN
                         ? place_of(thread, words)
                         : MT_OWNER_NO_PLACE;
    uint64_t ticks = thread->last_ticks = stamp(thread, is_other);
    words[0] = first_word(ticks, function);
    words[1] = (uint64_t)(uintptr_t)block;
    words[2] = stack | (is_huge ? MT_RAW_SIZE_FOLLOWS : (uint64_t)size) << 32;
    if (is_huge)
        words[3] = size;
    mt_window_commit(thread, word_count);
    atomic_store_explicit(word, tag | thread->owner_window | place,
                          memory_order_relaxed);
}

/* ------------------------------------------------------------------- ends */

/* A stamp is not needed for the end of a pair, but whether the window is
 * sealed before the end is written is not known where the real call comes in
 * between (`needs_ticks`). */
static inline struct mt_ending foresee(const struct mt_thread_state *thread,
                                       const void *block, bool needs_ticks)
{
    struct mt_ending ending = {
        .word =
            atomic_load_explicit(mt_owner_word(block), memory_order_relaxed),
    };
    struct mt_owner owner =
        mt_owner_seen(ending.word, mt_owner_tag(block), thread->owner_window);
    if (needs_ticks || owner.place == MT_OWNER_NO_PLACE)
        ending.ticks = stamp(thread, owner.is_other);
    return ending;
}

/* Pairs the end with the begin at `place`; false when that is another one. */
static inline bool write_pair(struct mt_thread_state *thread, uint64_t *words,
                              unsigned function, const void *block,
                              uint32_t place)
{
    uint64_t *events = (uint64_t *)(void *)((uint8_t *)thread->window +
                                            MT_WINDOW_EVENTS_OFFSET);
    uint64_t *begin = events + place;
    if (begin + 1 >= words || begin[1] != (uint64_t)(uintptr_t)block ||
        begin[0] & (MT_FUNCTION_ENDS | MT_RAW_PAIRED_BIT))
        return false;
    words[0] = first_word(place, function | MT_RAW_PAIRED_BIT);
    begin[0] |= MT_RAW_PAIRED_BIT;
    mt_window_commit(thread, 1);
    return true;
}

static inline void write_end(struct mt_thread_state *thread, unsigned function,
                             const void *block, struct mt_ending ending)
{
    uint64_t *words = mt_window_reserve(thread, 2);
    if (!words)
        return;
    uint64_t tag = mt_owner_tag(block);
    struct mt_owner owner =
        mt_owner_seen(ending.word, tag, thread->owner_window);
    if (owner.place != MT_OWNER_NO_PLACE &&
        write_pair(thread, words, function, block, owner.place))
        return;
    if (MT_UNLIKELY(!ending.ticks))
        ending.ticks = mt_clock_now(&mt_process.clock);
    else if (owner.is_other && ending.word >> 32 == tag >> 32)
        atomic_store_explicit(mt_owner_word(block), tag, memory_order_relaxed);
    words[0] = first_word(ending.ticks, function);
    words[1] = (uint64_t)(uintptr_t)block;
    note_ticks(thread, ending.ticks);
    mt_window_commit(thread, 2);
    sample_if_due(ending.ticks, 0);
}

void mt_record_write_begin(struct mt_thread_state *thread, unsigned function,
                           const void *block, size_t size, uint32_t stack)
{
    write_begin(thread, function, block, size, stack);
}

/* A block begins, unless the program has paused us; then its address is at
 * least nobody's any more. */
static inline void begin_now(struct mt_thread_state *thread,
                             enum mt_function function, const void *block,
                             size_t size, const struct mt_caller *caller)
{
    if (is_paused()) {
        atomic_store_explicit(mt_owner_word(block), mt_owner_tag(block),
                              memory_order_relaxed);
        return;
    }
    mt_owner_prefetch(block);
    uint32_t stack = mt_stack_capture(thread, caller);
    write_begin(thread, function, block, size, stack);
    sample_if_due(thread->last_ticks, stack);
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
    struct mt_thread_state *thread = mt_thread_begin_event();
    if (!thread)
        return;
    begin_now(thread, function, block, size, caller);
    mt_thread_end_event(thread);
}

static inline void end_now(enum mt_function function, const void *block,
                           const struct mt_ending *foreseen)
{
    if (MT_UNLIKELY(mt_early_is_active)) {
        mt_early_end(block);
        return;
    }
    struct mt_thread_state *thread = mt_thread_begin_event();
    if (!thread)
        return;
    write_end(thread, function, block,
              foreseen ? *foreseen : foresee(thread, block, false));
    mt_thread_end_event(thread);
}

void mt_record_end(enum mt_function function, const void *block)
{
    if (block && !MT_UNLIKELY(mt_nest_ends(&mt_thread.nest, block)))
        end_now(function, block, NULL);
}

struct mt_ending mt_record_foresee(const void *block)
{
    return foresee(&mt_thread, block, true);
}

void mt_record_end_foreseen(enum mt_function function, const void *block,
                            struct mt_ending foreseen)
{
    end_now(function, block, &foreseen);
}

void mt_record_replace(enum mt_function function, const void *old,
                       struct mt_ending foreseen, const void *block,
                       size_t size, const struct mt_caller *caller)
{
    if (MT_UNLIKELY(mt_early_is_active)) {
        mt_early_end(old);
        mt_early_begin(function, block, size, caller);
        return;
    }
    struct mt_thread_state *thread = mt_thread_begin_event();
    if (!thread)
        return;
    if (old)
        write_end(thread, MT_REALLOC_FREE, old, foreseen);
    begin_now(thread, function, block, size, caller);
    mt_thread_end_event(thread);
}

uint64_t mt_record_stamp(void)
{
    return mt_clock_now(&mt_process.clock);
}

void mt_record_map(enum mt_function function, const void *start,
                   size_t byte_count, unsigned mapping,
                   const struct mt_caller *caller)
{
    if (MT_UNLIKELY(mt_early_is_active))
        return;
    struct mt_thread_state *thread = mt_thread_begin_event();
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
            note_ticks(thread, ticks);
            mt_window_commit(thread, 4);
        }
        sample_if_due(ticks, stack);
    }
    mt_thread_end_event(thread);
}

void mt_record_unmap(enum mt_function function, const void *start,
                     size_t byte_count, uint64_t before)
{
    if (MT_UNLIKELY(mt_early_is_active))
        return;
    struct mt_thread_state *thread = mt_thread_begin_event();
    if (!thread)
        return;
    uint64_t *words = mt_window_reserve(thread, 3);
    if (words) {
        words[0] = first_word(before, function);
        words[1] = (uint64_t)(uintptr_t)start;
        words[2] = byte_count;
        note_ticks(thread, before);
        mt_window_commit(thread, 3);
    }
    sample_if_due(before, 0);
    mt_thread_end_event(thread);
}
