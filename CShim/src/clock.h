/* SPDX-License-Identifier: Apache-2.0
 *
 * The event clock: the time stamp counter where the processor promises that
 * it runs evenly and alike on all cores, CLOCK_MONOTONIC elsewhere.
 */
#ifndef MT_CLOCK_H
#define MT_CLOCK_H

#include "trace_format.h"

#include <cpuid.h>
#include <stdbool.h>
#include <time.h>
#include <x86intrin.h>

struct mt_clock_state {
    uint64_t start_ticks; /* subtracted from every stamp */
    uint32_t kind;        /* enum mt_clock */
};

static inline uint64_t mt_clock_nanoseconds(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/* CPUID leaf 0x80000007, EDX bit 8: "invariant TSC" (Intel SDM 17.17,
 * AMD APM 13.2.4). */
static inline bool mt_clock_tsc_is_invariant(void)
{
    unsigned a, b, c, d;
    return __get_cpuid(0x80000007, &a, &b, &c, &d) && (d & (1u << 8));
}

/* Now. rdtscp waits until every instruction before it has executed:
 *
 *  - for something that began, the real call's own synchronization;
 *  - for something that ends, the load by which this thread was handed the
 *    block: plain rdtsc is executed ahead of it, and gives a free a stamp from
 *    before the other thread's malloc.
 *
 * Nothing later can be seen by another thread before the counter was read:
 * stores leave the processor in order, after everything before them. */
static inline uint64_t mt_clock_now(const struct mt_clock_state *clock)
{
    if (__builtin_expect(clock->kind == MT_CLOCK_TSC, 1)) {
        unsigned processor;
        return __rdtscp(&processor) - clock->start_ticks;
    }
    return mt_clock_nanoseconds(CLOCK_MONOTONIC) - clock->start_ticks;
}

/* Now, at half the price, for an address that no other thread has had: there
 * was no hand-over to wait for. May be a little earlier than the thread's
 * stamp before. */
static inline uint64_t
mt_clock_now_unordered(const struct mt_clock_state *clock)
{
    if (__builtin_expect(clock->kind == MT_CLOCK_TSC, 1))
        return __rdtsc() - clock->start_ticks;
    return mt_clock_now(clock);
}

static inline struct mt_clock_pair
mt_clock_pair_now(const struct mt_clock_state *clock)
{
    struct mt_clock_pair pair;
    pair.ticks = mt_clock_now(clock);
    pair.monotonic_nanoseconds = mt_clock_nanoseconds(CLOCK_MONOTONIC);
    pair.realtime_nanoseconds = mt_clock_nanoseconds(CLOCK_REALTIME);
    return pair;
}

#endif
