/* SPDX-License-Identifier: Apache-2.0
 *
 * Which events share a stamp, and what ends the sharing.
 */
#include "check.h"
#include "stamp.h"
#include "tick.h"

#include <string.h>
#include <time.h>

#define FOR_EVER (UINT64_MAX / 2 / MT_STAMP_EVENTS)

static struct mt_process_page page;
static uint64_t tick;
static struct mt_thread_state thread;

static uint64_t next(bool is_ordered)
{
    return thread.last_ticks = mt_stamp(&thread, is_ordered);
}

/* A thread that has just recorded its first event, and how far apart events may
 * be to share. */
static void begin(uint64_t dense_ticks)
{
    memset(&thread, 0, sizeof thread);
    mt_process.page = &page;
    mt_process.clock = (struct mt_clock_state){.kind = MT_CLOCK_MONOTONIC};
    mt_stamp_sharing = (struct mt_stamp_sharing){&tick, dense_ticks};
    next(false);
}

/* As many events as have the first one's stamp; at most `limit`. */
static unsigned run_of(unsigned limit)
{
    uint64_t first = next(false);
    unsigned count = 1;
    while (count < limit && next(false) == first)
        count++;
    return count;
}

/* The clock has nanoseconds: two readings are never alike here, as system time
 * goes by between them. */
static void let_time_pass(void)
{
    struct timespec now, start;
    clock_gettime(CLOCK_MONOTONIC, &start);
    do
        clock_gettime(CLOCK_MONOTONIC, &now);
    while (now.tv_sec == start.tv_sec && now.tv_nsec == start.tv_nsec);
}

static void events_close_together_share(void)
{
    begin(FOR_EVER);
    CHECK(run_of(MT_STAMP_EVENTS) == MT_STAMP_EVENTS);
    CHECK(!thread.stamps.left);
}

static void events_apart_do_not(void)
{
    begin(0);
    for (unsigned i = 0; i < 100; i++) {
        uint64_t before = next(false);
        let_time_pass();
        CHECK(next(false) > before);
    }
}

static void a_tick_of_the_kernel_ends_it(void)
{
    begin(FOR_EVER);
    uint64_t before = next(false);
    CHECK(next(false) == before);
    let_time_pass();
    tick++;
    CHECK(next(false) > before);
}

static void an_instant_ends_it(void)
{
    begin(FOR_EVER);
    uint64_t before = next(false);
    CHECK(next(false) == before);
    uint64_t instant = mt_process_instant();
    let_time_pass();
    CHECK(next(false) > instant);
    /* And what comes next has a stamp of its own once more. */
    before = thread.last_ticks;
    let_time_pass();
    uint64_t after = next(false);
    CHECK(after > before);
    CHECK(next(false) == after);
}

static void an_address_of_others_is_stamped_by_itself(void)
{
    begin(FOR_EVER);
    uint64_t before = next(false);
    let_time_pass();
    CHECK(next(true) > before);
    /* The run goes on, and does not go back. */
    before = thread.last_ticks;
    CHECK(next(false) == before);
}

static void the_kernels_tick_is_found(void)
{
    const volatile uint64_t *word = mt_tick_find();
    if (!word) {
        fputs("  skipped: this kernel does not show its tick\n", stderr);
        return;
    }
    for (unsigned i = 0; i < 3; i++) {
        uint64_t before = *word;
        while (*word == before)
            ;
    }
    struct timespec one, other;
    uint64_t seen;
    do {
        clock_gettime(CLOCK_MONOTONIC_COARSE, &one);
        seen = *word;
        clock_gettime(CLOCK_MONOTONIC_COARSE, &other);
    } while (one.tv_nsec != other.tv_nsec);
    CHECK(seen == (uint64_t)one.tv_nsec);
}

static void a_word_that_stands_still_is_no_tick(void)
{
    begin(FOR_EVER);
    mt_stamp_check();
    CHECK(!mt_stamp_sharing.dense_ticks);
    const volatile uint64_t *word = mt_tick_find();
    if (!word)
        return;
    mt_stamp_sharing = (struct mt_stamp_sharing){word, FOR_EVER};
    mt_stamp_check();
    CHECK(mt_stamp_sharing.dense_ticks == FOR_EVER);
}

int main(void)
{
    events_close_together_share();
    events_apart_do_not();
    a_tick_of_the_kernel_ends_it();
    an_instant_ends_it();
    an_address_of_others_is_stamped_by_itself();
    the_kernels_tick_is_found();
    a_word_that_stands_still_is_no_tick();
    return check_summary();
}
