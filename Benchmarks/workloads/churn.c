/* SPDX-License-Identifier: Apache-2.0
 *
 * Churn at a fixed depth: THREADS threads each make PAIRS malloc/free pairs,
 * every malloc DEPTH frames below the thread's first function, blocks of 16 to
 * 512 bytes, 32 of them live. The outer frames stay; the innermost three change
 * with every pair (64 WAYS through twelve functions), as they do in programs.
 * The last line says what a pair took: nanoseconds of one processor core by the
 * wall clock (threads beyond the number of cores share them), and of the
 * threads' processor time. Usage: churn DEPTH THREADS PAIRS [WAYS]
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

enum {
    own_depth = 5,   /* work, churn, and the three that change */
    live_count = 32, /* blocks a thread holds */
    size_count = 1024,
    way_limit = 64,
    depth_limit = 10000,
    thread_limit = 256,
};

#define NEVER_INLINED __attribute__((noinline, noclone))
#define ALWAYS_INLINED inline __attribute__((always_inline))

/* Its own frame and its own call: no tail call, no merging of equal bodies. */
#define KEEP_FRAME(value) __asm__ volatile("" : "+r"(value) : : "memory")

struct worker {
    pthread_t thread;
    pthread_barrier_t *barrier;
    int depth;
    int way_count;
    long pair_count;
    void *live[live_count];
    uint16_t sizes[size_count];
    double start, end; /* nanoseconds of the wall clock */
    double processor_nanoseconds;
};

/* The innermost function: gives back what lay in the slot, and allocates. */
#define LEAF(name, pad)                                                       \
    NEVER_INLINED static long name(struct worker *worker, long pair, int way) \
    {                                                                         \
        volatile char frame[pad];                                             \
        frame[0] = (char)pair;                                                \
        void **slot = &worker->live[pair % live_count];                       \
        free(*slot);                                                          \
        *slot = malloc(worker->sizes[pair % size_count]);                     \
        *(char *)*slot = frame[0] + (char)way;                                \
        return pair;                                                          \
    }
LEAF(leaf_0, 8)
LEAF(leaf_1, 40)
LEAF(leaf_2, 104)
LEAF(leaf_3, 264)

typedef long inner_function(struct worker *, long, int);

#define INNER(name, pad, next, shift)                                         \
    NEVER_INLINED static long name(struct worker *worker, long pair, int way) \
    {                                                                         \
        volatile char frame[pad];                                             \
        frame[0] = (char)pair;                                                \
        long result = next[way >> (shift)&3](worker, pair, way);              \
        KEEP_FRAME(result);                                                   \
        return result + (frame[0] == (char)pair);                             \
    }
static inner_function *const leaves[4] = {leaf_0, leaf_1, leaf_2, leaf_3};
INNER(middle_0, 8, leaves, 0)
INNER(middle_1, 24, leaves, 0)
INNER(middle_2, 88, leaves, 0)
INNER(middle_3, 136, leaves, 0)
static inner_function *const middles[4] = {middle_0, middle_1, middle_2,
                                           middle_3};
INNER(upper_0, 16, middles, 2)
INNER(upper_1, 56, middles, 2)
INNER(upper_2, 72, middles, 2)
INNER(upper_3, 520, middles, 2)
static inner_function *const uppers[4] = {upper_0, upper_1, upper_2, upper_3};

static double now(clockid_t clock)
{
    struct timespec time;
    clock_gettime(clock, &time);
    return (double)time.tv_sec * 1e9 + (double)time.tv_nsec;
}

NEVER_INLINED static long churn(struct worker *worker, long pair_count)
{
    long sum = 0;
    int way = 0;
    for (long pair = 0; pair < pair_count; pair++) {
        sum += uppers[way >> 4](worker, pair, way);
        way = way + 1 < worker->way_count ? way + 1 : 0;
    }
    return sum;
}

ALWAYS_INLINED static long measure(struct worker *worker)
{
    /* Once around, so that what is measured is the steady state. */
    long sum = churn(worker, size_count);
    pthread_barrier_wait(worker->barrier);
    worker->start = now(CLOCK_MONOTONIC);
    double processor = now(CLOCK_THREAD_CPUTIME_ID);
    sum += churn(worker, worker->pair_count);
    worker->processor_nanoseconds = now(CLOCK_THREAD_CPUTIME_ID) - processor;
    worker->end = now(CLOCK_MONOTONIC);
    return sum;
}

/* The outer frames: eight functions of different layout, called in turn. */
#define DESCEND(name, pad)                                           \
    NEVER_INLINED static long name(struct worker *worker, int depth) \
    {                                                                \
        volatile char frame[pad];                                    \
        frame[0] = (char)depth;                                      \
        long result = descend(worker, depth - 1);                    \
        KEEP_FRAME(result);                                          \
        return result + (frame[0] == (char)depth);                   \
    }
ALWAYS_INLINED static long descend(struct worker *worker, int depth);
DESCEND(outer_0, 8)
DESCEND(outer_1, 24)
DESCEND(outer_2, 40)
DESCEND(outer_3, 72)
DESCEND(outer_4, 136)
DESCEND(outer_5, 200)
DESCEND(outer_6, 328)
DESCEND(outer_7, 1032)

static long descend(struct worker *worker, int depth)
{
    static long (*const outers[8])(struct worker *, int) = {
        outer_0, outer_1, outer_2, outer_3, outer_4, outer_5, outer_6, outer_7};
    if (depth == 0)
        return measure(worker);
    return outers[depth & 7](worker, depth);
}

static void *work(void *argument)
{
    struct worker *worker = argument;
    volatile long sum = descend(worker, worker->depth - own_depth);
    (void)sum;
    for (int i = 0; i < live_count; i++)
        free(worker->live[i]);
    return NULL;
}

/* Sizes are the same in every run: many small, few large. */
static void choose_sizes(struct worker *worker, uint32_t random)
{
    for (int i = 0; i < size_count; i++) {
        random = random * 1664525 + 1013904223;
        uint32_t limit = 64u << (random >> 30);
        worker->sizes[i] = (uint16_t)(16 + (random >> 8) % (limit - 15));
    }
}

static void say_times(const struct worker *workers, long thread_count)
{
    double start = workers[0].start, end = workers[0].end, processor = 0;
    for (long i = 0; i < thread_count; i++) {
        start = workers[i].start < start ? workers[i].start : start;
        end = workers[i].end > end ? workers[i].end : end;
        processor += workers[i].processor_nanoseconds;
    }
    long core_count = sysconf(_SC_NPROCESSORS_ONLN);
    long busy_count = thread_count < core_count ? thread_count : core_count;
    double pairs = (double)workers[0].pair_count * (double)thread_count;
    printf("%.3f ns wall, %.3f ns processor a pair\n",
           (end - start) * (double)busy_count / pairs, processor / pairs);
}

int main(int argument_count, char **arguments)
{
    static struct worker workers[thread_limit];
    long numbers[4] = {0, 0, 0, way_limit};
    for (int i = 1; i < argument_count && i <= 4; i++)
        numbers[i - 1] = atol(arguments[i]);
    long depth = numbers[0], thread_count = numbers[1];
    long pair_count = numbers[2], way_count = numbers[3];
    if (depth < own_depth || depth > depth_limit || thread_count < 1 ||
        thread_count > thread_limit || pair_count < 1 || way_count < 1 ||
        way_count > way_limit) {
        fprintf(stderr, "usage: churn DEPTH THREADS PAIRS [WAYS]\n"
                        "       5 frames at least, PAIRS a thread, 64 ways\n");
        return 64;
    }
    pthread_barrier_t barrier;
    pthread_barrier_init(&barrier, NULL, (unsigned)thread_count);
    for (long i = 0; i < thread_count; i++) {
        workers[i].barrier = &barrier;
        workers[i].depth = (int)depth;
        workers[i].way_count = (int)way_count;
        workers[i].pair_count = pair_count;
        choose_sizes(&workers[i], (uint32_t)i);
    }
    /* A thread's first frames are those of a thread, also of the only one. */
    for (long i = 0; i < thread_count; i++)
        if (pthread_create(&workers[i].thread, NULL, work, &workers[i])) {
            perror("pthread_create");
            return 71;
        }
    for (long i = 0; i < thread_count; i++)
        pthread_join(workers[i].thread, NULL);
    say_times(workers, thread_count);
    return 0;
}
