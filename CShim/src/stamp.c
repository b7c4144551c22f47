/* SPDX-License-Identifier: Apache-2.0
 *
 * See stamp.h.
 */
#include "stamp.h"

#include "tick.h"

#include <time.h>

static const volatile uint64_t no_tick;

struct mt_stamp_sharing mt_stamp_sharing = {.tick = &no_tick};

void mt_stamp_begin(void)
{
    const volatile uint64_t *tick = mt_tick_find();
    mt_stamp_sharing.tick = tick ? tick : &no_tick;
    mt_stamp_sharing.dense_ticks =
        tick ? mt_process.ticks_per_millisecond * MT_STAMP_DENSE / 1000000 : 0;
}

uint64_t mt_stamp_afresh(struct mt_thread_state *thread)
{
    if (!mt_stamp_sharing.dense_ticks)
        return mt_stamp_alone(thread, false);
    struct mt_stamp_run *run = &thread->stamps;
    uint32_t instants =
        atomic_load_explicit(&mt_process.page->instants, memory_order_relaxed);
    uint64_t tick = *mt_stamp_sharing.tick;
    uint64_t ticks = mt_stamp_alone(thread, false);
    /* Nothing is shared behind a new instant: the processor may have seen it
     * later than it read the clock. */
    bool is_dense =
        ticks - run->start < mt_stamp_sharing.dense_ticks * run->event_count &&
        instants == run->instants;
    run->left = is_dense ? MT_STAMP_EVENTS - 1 : 0;
    run->event_count = run->left + 1;
    run->instants = instants;
    run->tick = tick;
    run->start = ticks;
    return ticks;
}

/* Nothing promises that the word stays what it was: a process may be moved to
 * other clocks (setns), or to another kernel. */
void mt_stamp_check(void)
{
    struct timespec before, after;
    if (!mt_stamp_sharing.dense_ticks ||
        clock_gettime(CLOCK_MONOTONIC_COARSE, &before))
        return;
    uint64_t tick = *mt_stamp_sharing.tick;
    clock_gettime(CLOCK_MONOTONIC_COARSE, &after);
    if (before.tv_nsec == after.tv_nsec && tick != (uint64_t)before.tv_nsec)
        mt_stamp_sharing.dense_ticks = 0;
}
