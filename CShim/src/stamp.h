/* SPDX-License-Identifier: Apache-2.0
 *
 * The times of a thread's events. Where another thread may have had an address,
 * its time decides about the order, and the clock is read, with all earlier
 * loads waited for. Where none has had it (owner.h) the thread's own sequence
 * is its order, and an earlier time is as good: whoever is given the address
 * later finds that it was another's, and reads the clock. So events that come
 * closely one after the other share a stamp:
 *
 *     event    1    2    3   ...  16   17
 *     stamp    t1   t1   t1       t1   t17
 *
 * unless in between
 *
 *  - a tick of the kernel's has gone by (tick.h): a stamp is never older than
 *    that, whatever the thread did before;
 *  - an instant was told from which events must be before or after, as that
 *    of a mark or a sample (mt_process_note_instant).
 */
#ifndef MT_STAMP_H
#define MT_STAMP_H

#include "thread.h"

/* How many events have one stamp, at most, */
#define MT_STAMP_EVENTS 16u
/* if they come within this time of each other, on average, in nanoseconds. */
#define MT_STAMP_DENSE 500u

struct mt_stamp_sharing {
    const volatile uint64_t *tick;
    uint64_t dense_ticks; /* 0: each event has a stamp of its own */
};
extern struct mt_stamp_sharing mt_stamp_sharing;

/* Lets stamps be shared, where the kernel's tick is to be seen; needs
 * ticks_per_millisecond. */
void mt_stamp_begin(void);

/* Ends the sharing if the tick turns out to be none. */
void mt_stamp_check(void);

/* The clock. Read without waiting it may be a few cycles behind the thread's
 * last stamp; its stamps do not go back. Changes nothing, and needs no guard. */
static inline uint64_t mt_stamp_alone(const struct mt_thread_state *thread,
                                      bool is_ordered)
{
    if (is_ordered)
        return mt_clock_now(&mt_process.clock);
    uint64_t ticks = mt_clock_now_unordered(&mt_process.clock);
    return ticks > thread->last_ticks ? ticks : thread->last_ticks;
}

/* As that, for an event that begins a run. */
uint64_t mt_stamp_afresh(struct mt_thread_state *thread);

/* For an event; `is_ordered`: another thread may have had its address. */
static MT_INLINE uint64_t mt_stamp(struct mt_thread_state *thread,
                                   bool is_ordered)
{
    struct mt_stamp_run *run = &thread->stamps;
    if (MT_UNLIKELY(is_ordered))
        return mt_stamp_alone(thread, true);
    if (MT_UNLIKELY(!run->left) ||
        MT_UNLIKELY(run->tick != *mt_stamp_sharing.tick) ||
        MT_UNLIKELY(run->instants !=
                    atomic_load_explicit(&mt_process.page->instants,
                                         memory_order_relaxed)))
        return mt_stamp_afresh(thread);
    run->left--;
    return thread->last_ticks;
}

#endif
