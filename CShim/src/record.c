/* SPDX-License-Identifier: Apache-2.0
 *
 * See record.h.
 */
#include "record.h"

#include "early.h"
#include "owner.h"
#include "sample.h"
#include "stamp.h"
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

/* The end of a realloc has its stamp from before the call, and may be older
 * than the newest event. */
static inline void note_ticks(struct mt_thread_state *thread, uint64_t ticks)
{
    if (ticks > thread->last_ticks)
        thread->last_ticks = ticks;
}

/* Whether another thread may have had the address since this one, or ever. */
static inline bool is_other(struct mt_thread_state *thread, const void *block,
                            uint64_t tag, uint64_t word)
{
    return mt_owner_is_other(word, tag, thread->owner_window) &&
           !mt_owner_has_region_again(block, thread->owner_window,
                                      &thread->region);
}

/* Of the next event, in words behind the start of the window's events. */
static inline uint32_t next_place(const struct mt_thread_state *thread)
{
    uint32_t place = thread->committed / (uint32_t)sizeof(uint64_t);
    return MT_LIKELY(place < MT_OWNER_NO_PLACE) ? place : MT_OWNER_NO_PLACE;
}

/* `is_kept`: the end is to be an event of its own, however near. */
static MT_INLINE void write_begin(struct mt_thread_state *thread,
                                  unsigned function, const void *block,
                                  size_t size, uint32_t stack, bool is_kept)
{
    /* There is always room for a huge one: a word is left over at worst. */
    uint64_t *words = mt_window_reserve(thread, 4);
    if (MT_UNLIKELY(!words))
        return;
    _Atomic uint64_t *word = mt_owner_word(block);
    mt_owner_prefetch_next(word);
    uint64_t seen = atomic_load_explicit(word, memory_order_relaxed);
    uint64_t tag = mt_owner_tag(block);
    uint64_t ticks = mt_stamp(thread, is_other(thread, block, tag, seen));
    uint32_t place = next_place(thread);
    uint64_t short_size = size;
    uint32_t word_count = 3;
    if (MT_UNLIKELY(is_kept || size >= mt_process.fold_byte_limit)) {
        place = MT_OWNER_NO_PLACE;
        if (size >= MT_FOLD_BYTE_LIMIT)
            ticks = mt_clock_now(&mt_process.clock);
        if (size >= MT_RAW_SIZE_FOLLOWS) {
            short_size = MT_RAW_SIZE_FOLLOWS;
            words[3] = size;
            word_count = 4;
        }
    }
    thread->last_ticks = ticks;
    words[0] = first_word(ticks, function);
    words[1] = (uint64_t)(uintptr_t)block;
    words[2] = stack | short_size << 32;
    mt_window_commit(thread, word_count);
    atomic_store_explicit(word, tag | thread->owner_window | place,
                          memory_order_relaxed);
}

void mt_record_write_begin(struct mt_thread_state *thread, unsigned function,
                           const void *block, size_t size, uint32_t stack)
{
    write_begin(thread, function, block, size, stack, function == MT_OWN);
}

/* A block begins, unless the program has paused us; then its address is at
 * least nobody's any more. */
static MT_INLINE void begin_now(struct mt_thread_state *thread,
                                enum mt_function function, const void *block,
                                size_t size, const struct mt_caller *caller)
{
    if (MT_UNLIKELY(is_paused())) {
        atomic_store_explicit(mt_owner_word(block), mt_owner_tag(block),
                              memory_order_relaxed);
        return;
    }
    mt_owner_prefetch(block);
    uint32_t stack = mt_stack_capture(thread, caller);
    write_begin(thread, function, block, size, stack, false);
    sample_if_due(thread->last_ticks, stack);
}

static __attribute__((noinline)) void
begin_apart(struct mt_thread_state *thread, enum mt_function function,
            const void *block, size_t size, const struct mt_caller *caller)
{
    begin_now(thread, function, block, size, caller);
}

/* A begin where mt_thread_is_ready says no. */
static MT_COLD void begin_unready(enum mt_function function, const void *block,
                                  size_t size, const struct mt_caller *caller)
{
    if (mt_early_is_active) {
        mt_early_begin(function, block, size, caller);
        return;
    }
    struct mt_thread_state *thread = mt_thread_begin_event();
    if (!thread)
        return;
    begin_apart(thread, function, block, size, caller);
    mt_thread_end_event(thread);
}

void mt_record_begin_alone(enum mt_function function, const void *block,
                           size_t size, const struct mt_caller *caller)
{
    struct mt_thread_state *thread = &mt_thread;
    if (MT_UNLIKELY(!mt_thread_is_ready(thread))) {
        begin_unready(function, block, size, caller);
        return;
    }
    mt_thread_begin_ready_event(thread);
    begin_now(thread, function, block, size, caller);
    mt_thread_end_event(thread);
}

/* ------------------------------------------------------------------- ends */

/* Writes the end of `block` at `words` as one word that points at its begin, at
 * `place`; false when that is not there. */
static MT_INLINE bool put_pair(struct mt_thread_state *thread, uint64_t *words,
                               unsigned function, const void *block,
                               uint32_t place)
{
    uint64_t *begin = mt_window_events(thread->window) + place;
    /* Behind the last event if the window has just been sealed. */
    if (MT_UNLIKELY(begin >= words || begin[1] != (uint64_t)(uintptr_t)block ||
                    begin[0] & (MT_FUNCTION_ENDS | MT_RAW_PAIRED_BIT)))
        return false;
    words[0] = first_word(place, function | MT_RAW_PAIRED_BIT);
    begin[0] |= MT_RAW_PAIRED_BIT;
    mt_window_commit(thread, 1);
    return true;
}

/* Whether the end of `block` is written so: if the word of its address, as read
 * before the real call, says that the begin stands in the present window. */
static MT_INLINE bool write_pair(struct mt_thread_state *thread,
                                 unsigned function, const void *block,
                                 uint64_t tag, uint64_t word)
{
    uint32_t place = mt_owner_place(word, tag, thread->owner_window);
    if (place == MT_OWNER_NO_PLACE)
        return false;
    uint64_t *words = mt_window_reserve(thread, 1);
    if (MT_UNLIKELY(!words))
        return true;
    return put_pair(thread, words, function, block, place);
}

/* The end as an event. */
static inline void write_end(struct mt_thread_state *thread, unsigned function,
                             const void *block, uint64_t tag,
                             struct mt_ending ending)
{
    uint64_t *words = mt_window_reserve(thread, 2);
    if (MT_UNLIKELY(!words))
        return;
    bool is_other = mt_owner_is_other(ending.word, tag, thread->owner_window);
    if (is_other && ending.word >> 32 == tag >> 32)
        atomic_store_explicit(mt_owner_word(block), tag, memory_order_relaxed);
    words[0] = first_word(ending.ticks, function);
    words[1] = (uint64_t)(uintptr_t)block;
    note_ticks(thread, ending.ticks);
    mt_window_commit(thread, 2);
    sample_if_due(ending.ticks, 0);
}

/* The end as an event with a stamp, and the end of its recording; `word` and
 * `tag` are those of the address. */
static __attribute__((noinline)) void
end_by_event(struct mt_thread_state *thread, enum mt_function function,
             const void *block, uint64_t tag, uint64_t word)
{
    struct mt_ending ending = {
        .word = word,
        .ticks = mt_stamp(thread, is_other(thread, block, tag, word)),
    };
    write_end(thread, function, block, tag, ending);
    mt_thread_end_event(thread);
}

/* The same of a block that may have begun in the present window. */
static __attribute__((noinline)) void end_apart(struct mt_thread_state *thread,
                                                enum mt_function function,
                                                const void *block,
                                                uint64_t word)
{
    uint64_t tag = mt_owner_tag(block);
    if (write_pair(thread, function, block, tag, word))
        mt_thread_end_event(thread);
    else
        end_by_event(thread, function, block, tag, word);
}

static inline void end_foreseen(struct mt_thread_state *thread,
                                enum mt_function function, const void *block,
                                struct mt_ending foreseen)
{
    uint64_t tag = mt_owner_tag(block);
    if (!write_pair(thread, function, block, tag, foreseen.word))
        write_end(thread, function, block, tag, foreseen);
}

static inline uint64_t word_of(const void *block)
{
    return atomic_load_explicit(mt_owner_word(block), memory_order_relaxed);
}

/* An end where mt_thread_is_ready says no. */
static MT_COLD void end_unready(enum mt_function function, const void *block)
{
    if (mt_early_is_active) {
        mt_early_end(block);
        return;
    }
    struct mt_thread_state *thread = mt_thread_begin_event();
    if (thread)
        end_apart(thread, function, block, word_of(block));
}

/* On the short way nothing is called, so that no register is saved for it. */
void mt_record_end_alone(enum mt_function function, const void *block)
{
    struct mt_thread_state *thread = &mt_thread;
    if (MT_UNLIKELY(!mt_thread_is_ready(thread))) {
        end_unready(function, block);
        return;
    }
    mt_thread_begin_ready_event(thread);
    uint64_t word = word_of(block), tag = mt_owner_tag(block);
    uint32_t place = mt_owner_place(word, tag, thread->owner_window);
    if (place == MT_OWNER_NO_PLACE) {
        mt_owner_prefetch_next(mt_owner_word(block));
        end_by_event(thread, function, block, tag, word);
        return;
    }
    uint64_t *words = mt_window_room(thread, 1);
    if (MT_LIKELY(words) && put_pair(thread, words, function, block, place))
        mt_thread_end_event(thread);
    else
        end_apart(thread, function, block, word);
}

struct mt_ending mt_record_foresee(const void *block)
{
    const struct mt_thread_state *thread = &mt_thread;
    uint64_t word = word_of(block), tag = mt_owner_tag(block);
    bool is_other = mt_owner_is_other(word, tag, thread->owner_window);
    /* Before the address can go on: the thread that the word names may be given
     * it again, and must not take it to have been its own all the time. */
    if (is_other && word >> 32 == tag >> 32)
        atomic_store_explicit(mt_owner_word(block), tag, memory_order_relaxed);
    /* Behind no guard, so nothing of the thread's is changed. */
    is_other = is_other && !mt_owner_has_region(block, thread->owner_window);
    return (struct mt_ending){
        .word = word,
        .ticks = mt_stamp_alone(thread, is_other),
    };
}

void mt_record_end_foreseen(enum mt_function function, const void *block,
                            struct mt_ending foreseen)
{
    if (MT_UNLIKELY(mt_early_is_active)) {
        mt_early_end(block);
        return;
    }
    struct mt_thread_state *thread = mt_thread_begin_event();
    if (!thread)
        return;
    end_foreseen(thread, function, block, foreseen);
    mt_thread_end_event(thread);
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
        end_foreseen(thread, MT_REALLOC_FREE, old, foreseen);
    begin_apart(thread, function, block, size, caller);
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
