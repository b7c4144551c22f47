/* SPDX-License-Identifier: Apache-2.0
 *
 * See sample.h.
 */
#include "sample.h"

#include "arena_books.h"
#include "cgroup.h"
#include "file_guard.h"
#include "measure.h"
#include "owner.h"
#include "process.h"
#include "stamp.h"
#include "trace_file.h"

#include <errno.h>
#include <signal.h>
#include <string.h>

/* What is cheap may cost one part in this many of the time that passes, */
#define CHEAP_SHARE 400
/* each dear thing one part in this many, */
#define DEAR_SHARE 2500
/* and one that was above its bound, in this many: under 0.5 % altogether. */
#define VERY_DEAR_SHARE 10000
/* What a thing that was not yet asked for is taken to cost, in nanoseconds. */
#define FIRST_COST 100000
/* How long a sample waits for a stack: the first time, in nanoseconds, and
 * how often, each time twice as long. */
#define FIRST_WAIT 10000
#define WAIT_LIMIT 10
/* So many stacks that were not good for it, and none is waited for again. */
#define REFUSAL_LIMIT 5
/* A limit that may be met within this many samples is near. */
#define NEAR_SAMPLES 8

enum dear {
    DEAR_CHOICE, /* of the control group */
    DEAR_PARTS,
    DEAR_CGROUP,
    DEAR_CGROUP_DETAILS,
    DEAR_MACHINE,
    DEAR_ARENA_BOOKS,
    DEAR_PSS,
    DEAR_COUNT,
};

/* Memory that may still be had before the kernel kills. */
struct room {
    bool is_known;
    uint64_t byte_count;
    uint64_t rss; /* of the process, when that was read */
};

/* All but the deadline, which is in the process's page, belongs to whoever has
 * the page's flag `sampling`. */
static struct {
    sigset_t signals; /* as they were before they were held back */
    uint64_t count;
    uint64_t spent; /* nanoseconds */
    uint64_t start; /* CLOCK_MONOTONIC */
    bool is_in_cgroup;
    struct room group, machine;
    uint64_t rss, growth; /* at the latest sample, and since that before it */
    unsigned refusals;
    unsigned waits; /* see waits_for_stack */
    unsigned next;  /* the dear thing whose turn it is */
    struct {
        uint64_t cost; /* of the last time, nanoseconds; 0: never yet */
        uint64_t due;  /* ticks */
    } dear[DEAR_COUNT];
} state;

/* --------------------------------------------------------- how near the end */

static void note_room(struct room *room, uint64_t byte_count,
                      const struct mt_sample *sample)
{
    room->is_known = true;
    room->byte_count = byte_count;
    room->rss = sample->fields[MT_SAMPLE_RSS_BYTES];
}

/* What is left of it if all growth of the process since was at its cost. */
static uint64_t room_left(const struct room *room, uint64_t rss)
{
    uint64_t risen = rss > room->rss ? rss - room->rss : 0;
    return room->byte_count > risen ? room->byte_count - risen : 0;
}

/* Whether the process may meet the limit within a few samples: then they come
 * closer together, for the last one before the kernel kills is the one that
 * tells why. */
static bool is_near(const struct room *room, uint64_t rss, uint64_t growth)
{
    return room->is_known && growth * NEAR_SAMPLES > room_left(room, rss);
}

static bool is_stale(const struct room *room, uint64_t rss)
{
    return room->is_known &&
           room->byte_count - room_left(room, rss) > room->byte_count / 8;
}

static void note_growth(const struct mt_sample *sample)
{
    uint64_t rss = sample->fields[MT_SAMPLE_RSS_BYTES];
    state.growth = rss > state.rss ? rss - state.rss : 0;
    state.rss = rss;
}

static bool is_end_near(void)
{
    return is_near(&state.group, state.rss, state.growth) ||
           is_near(&state.machine, state.rss, state.growth);
}

/* ------------------------------------------------------------- what is dear */

static void measure_cgroup(struct mt_sample *sample)
{
    mt_measure_cgroup(sample);
    uint64_t used = sample->fields[MT_SAMPLE_CGROUP_BYTES];
    uint64_t limit = mt_cgroup_limit();
    state.group.is_known = false;
    if (limit != MT_CGROUP_UNLIMITED)
        note_room(&state.group, limit > used ? limit - used : 0, sample);
}

/* Which group has the least room, and its usage anew. */
static void choose_cgroup(struct mt_sample *sample)
{
    if (state.is_in_cgroup)
        mt_cgroup_choose();
    else
        state.is_in_cgroup = mt_cgroup_find("/proc/self");
    if (state.is_in_cgroup)
        measure_cgroup(sample);
}

static void measure_machine(struct mt_sample *sample)
{
    mt_measure_machine(sample);
    if (sample->valid & 1u << MT_SAMPLE_MACHINE_AVAILABLE_BYTES)
        note_room(&state.machine,
                  sample->fields[MT_SAMPLE_MACHINE_AVAILABLE_BYTES], sample);
}

static const struct {
    void (*read)(struct mt_sample *sample);
    uint64_t (*foreseen)(const struct mt_sample *sample); /* or NULL */
    uint64_t bound;   /* nanoseconds; above it, rarely */
    unsigned samples; /* that lie between two at the least */
} dear_things[DEAR_COUNT] = {
    [DEAR_CHOICE] = {choose_cgroup, NULL, 1000000, 40},
    [DEAR_PARTS] = {mt_measure_parts, NULL, 1000000, 10},
    [DEAR_CGROUP] = {measure_cgroup, NULL, 1000000, 10},
    [DEAR_CGROUP_DETAILS] = {mt_measure_cgroup_details, NULL, 1000000, 20},
    [DEAR_MACHINE] = {measure_machine, NULL, 1000000, 40},
    [DEAR_ARENA_BOOKS] = {mt_measure_arenas, NULL, 1000000, 20},
    [DEAR_PSS] = {mt_measure_pss, mt_measure_pss_cost, 500000, 40},
};

static uint64_t interval(void)
{
    return mt_process.options.sample_milliseconds *
           mt_process.ticks_per_millisecond;
}

static uint64_t ticks_for(uint64_t ns)
{
    return ns * mt_process.ticks_per_millisecond / 1000000;
}

static bool is_allowed(enum dear thing, uint32_t stack)
{
    switch (thing) {
    case DEAR_ARENA_BOOKS:
        return mt_arena_books_may_be_read(stack);
    case DEAR_CGROUP:
    case DEAR_CGROUP_DETAILS:
        return state.is_in_cgroup;
    default:
        return true;
    }
}

static bool is_due(enum dear thing, const struct mt_sample *sample)
{
    if (sample->clock.ticks >= state.dear[thing].due)
        return true;
    const struct room *room = thing == DEAR_CGROUP    ? &state.group
                              : thing == DEAR_MACHINE ? &state.machine
                                                      : NULL;
    return room && (is_near(room, state.rss, state.growth) ||
                    is_stale(room, state.rss));
}

static void read_dear(enum dear thing, struct mt_sample *sample)
{
    uint64_t before = mt_clock_nanoseconds(CLOCK_THREAD_CPUTIME_ID);
    dear_things[thing].read(sample);
    uint64_t cost = mt_clock_nanoseconds(CLOCK_THREAD_CPUTIME_ID) - before;
    uint64_t share =
        cost > dear_things[thing].bound ? VERY_DEAR_SHARE : DEAR_SHARE;
    uint64_t pause = ticks_for(cost * share);
    if (pause < dear_things[thing].samples * interval())
        pause = dear_things[thing].samples * interval();
    state.dear[thing].cost = cost;
    state.dear[thing].due = sample->clock.ticks + pause;
}

/* The one whose turn it is, if it is due. Returns what it cost. */
static uint64_t read_next_dear(struct mt_sample *sample, uint32_t stack)
{
    for (unsigned i = 0; i < DEAR_COUNT; i++) {
        enum dear thing = (enum dear)((state.next + i) % DEAR_COUNT);
        if (!is_allowed(thing, stack) || !is_due(thing, sample))
            continue;
        uint64_t (*foreseen)(const struct mt_sample *) =
            dear_things[thing].foreseen;
        if (foreseen && foreseen(sample) > dear_things[thing].bound)
            continue;
        read_dear(thing, sample);
        state.next = thing + 1;
        return state.dear[thing].cost;
    }
    return 0;
}

/* The parts of RSS with its peak, and what else fits into what sampling may
 * still cost. Returns what it did. */
static uint64_t read_all_dear(struct mt_sample *sample, uint32_t stack)
{
    uint64_t passed = sample->clock.monotonic_nanoseconds - state.start;
    uint64_t spent = 0;
    for (unsigned i = 0; i < DEAR_COUNT; i++) {
        enum dear thing = (enum dear)i;
        uint64_t cost = state.dear[thing].cost;
        if (dear_things[thing].foreseen)
            cost = dear_things[thing].foreseen(sample);
        if (!cost)
            cost = FIRST_COST;
        bool fits = state.spent + spent + cost < passed / CHEAP_SHARE;
        if ((!fits && thing != DEAR_PARTS) || !is_allowed(thing, stack))
            continue;
        read_dear(thing, sample);
        spent += state.dear[thing].cost;
    }
    return spent;
}

static void note_sampling(struct mt_sample *sample)
{
    sample->fields[MT_SAMPLE_SAMPLES] = state.count;
    sample->fields[MT_SAMPLE_SAMPLING_NANOSECONDS] = state.spent;
    sample->valid |=
        1u << MT_SAMPLE_SAMPLES | 1u << MT_SAMPLE_SAMPLING_NANOSECONDS;
}

enum occasion { OCCASION_FIRST, OCCASION_PASSING, OCCASION_WHOLE };

/* In nanoseconds. */
struct cost {
    uint64_t cheap, dear;
    bool is_end_near;
};

static struct cost take(enum occasion occasion, uint32_t stack, bool is_alone)
{
    uint64_t before = mt_clock_nanoseconds(CLOCK_THREAD_CPUTIME_ID);
    struct cost cost = {0};
    /* The heap is exact at every sample: nothing that lives across one is
     * folded away. Without that a curve of the heap would show blocks that
     * live for seconds as if they had never been. */
    if (occasion != OCCASION_FIRST)
        mt_owner_forget();
    mt_stamp_check();
    mt_process_note_instant();
    struct mt_sample sample = {.clock = mt_clock_pair_now(&mt_process.clock)};
    mt_measure_process(&sample);
    if (is_alone) {
        note_growth(&sample);
        if (occasion == OCCASION_PASSING)
            cost.dear = read_next_dear(&sample, stack);
        else if (occasion == OCCASION_WHOLE)
            cost.dear = read_all_dear(&sample, stack);
        cost.is_end_near = is_end_near();
        note_sampling(&sample);
    }
    struct iovec payload = {&sample, sizeof sample};
    mt_trace_file_write(MT_CHUNK_SAMPLE, &payload, 1);
    uint64_t all = mt_clock_nanoseconds(CLOCK_THREAD_CPUTIME_ID) - before;
    cost.cheap = all - cost.dear;
    return cost;
}

/* A thread that finds another one at it goes without what needs the state.
 * Signals are held back, so that no handler can leave us half way by longjmp,
 * with the flag set for ever, nor call malloc while arenas are locked. */
static bool begin_sampling(void)
{
    sigset_t signals;
    mt_file_guard_hold_signals(&signals);
    /* Partner: the store in end_sampling; we see the state that it leaves. */
    if (atomic_exchange(&mt_process.page->sampling, 1)) {
        pthread_sigmask(SIG_SETMASK, &signals, NULL);
        return false;
    }
    state.signals = signals;
    return true;
}

static void leave_sampling(void)
{
    sigset_t signals = state.signals;
    atomic_store(&mt_process.page->sampling, 0);
    pthread_sigmask(SIG_SETMASK, &signals, NULL);
}

static void end_sampling(struct cost cost)
{
    state.count++;
    state.spent += cost.cheap + cost.dear;
    leave_sampling();
}

/* The allocator's books need a stack, and the end of a block brings none: a
 * program that wakes up to free would never have them read. So what ends lets
 * a few moments go by, in case something begins; unless stacks are of no use,
 * as with another allocator. */
static bool waits_for_stack(uint64_t ticks, uint32_t stack)
{
    bool are_due = ticks >= state.dear[DEAR_ARENA_BOOKS].due;
    if (are_due && !stack && state.waits < WAIT_LIMIT &&
        state.refusals < REFUSAL_LIMIT)
        return true;
    if (are_due && stack && !mt_arena_books_may_be_read(stack))
        state.refusals++;
    state.waits = 0;
    return false;
}

static uint64_t wait_for_stack(void)
{
    return ticks_for((uint64_t)FIRST_WAIT << state.waits++);
}

void mt_sample_begin(void)
{
    memset(&state, 0, sizeof state);
    atomic_store(&mt_process.page->sampling, 0);
    state.start = mt_clock_nanoseconds(CLOCK_MONOTONIC);
}

void mt_sample_take_first(void)
{
    if (begin_sampling())
        end_sampling(take(OCCASION_FIRST, 0, true));
}

void mt_sample_take_whole(uint32_t stack)
{
    int saved_errno = errno;
    if (begin_sampling())
        end_sampling(take(OCCASION_WHOLE, stack, true));
    else
        take(OCCASION_WHOLE, 0, false);
    errno = saved_errno;
}

void mt_sample_take(uint64_t ticks, uint32_t stack)
{
    _Atomic uint64_t *place = &mt_process.page->sample_deadline;
    uint64_t deadline = atomic_load(place);
    if (ticks < deadline ||
        !atomic_compare_exchange_strong(place, &deadline, ticks + interval()))
        return;
    int saved_errno = errno;
    if (begin_sampling()) {
        if (waits_for_stack(ticks, stack)) {
            atomic_store(place, ticks + wait_for_stack());
            leave_sampling();
            errno = saved_errno;
            return;
        }
        struct cost cost = take(OCCASION_PASSING, stack, true);
        end_sampling(cost);
        uint64_t pause = ticks_for(cost.cheap * CHEAP_SHARE);
        if (pause > interval() || cost.is_end_near)
            atomic_store(place, ticks + (pause > interval() / NEAR_SAMPLES
                                             ? pause
                                             : interval() / NEAR_SAMPLES));
    }
    errno = saved_errno;
}
