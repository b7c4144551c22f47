/* SPDX-License-Identifier: Apache-2.0
 *
 * What the programs of known behaviour share: a clock of their own, some
 * traffic that means nothing, and books that say what a tracer must find.
 *
 * Each program has the same number of ticks whatever its length, and does the
 * same in each on every machine; only how long a tick takes is a matter of the
 * clock. The marks "begin" and "end" bound what counts. At the end it prints
 * one line of JSON:
 *
 *   {"program":..,"seconds":..,          from "begin" to "end"
 *    "lateSeconds":..,                   by which that is more than it should be
 *    "site":..,                          the function that is to be found
 *    "siteBytes":..,"siteBlocks":..,     what it has outstanding at "end"
 *    "growthBytes":..,                   what of that is growth since "begin"
 *    "growthBytesPerHour":..,            the same by the clock
 *    "pattern":{"malloc":..,"mmap":..,"rss":..},"verdict":..}
 */
#ifndef BEHAVIOUR_H
#define BEHAVIOUR_H

#define _GNU_SOURCE
#include "memtrace.h"
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define NEVER __attribute__((noinline))

struct behaviour {
    const char *program, *site;
    const char *malloc_pattern, *mmap_pattern, *rss_pattern, *verdict;
    double seconds; /* may be given as the first argument */
    int tick_count;
    double start; /* on the clock of the ticks, which late ones put forward */
    double begin;
    int tick;
};

enum { traffic_limit = 256, traffic_bytes = 2048 };
static void *volatile traffic[traffic_limit];
static uint32_t traffic_state = 12345;

static double behaviour_now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static uint32_t behaviour_random(void)
{
    traffic_state = traffic_state * 1664525u + 1013904223u;
    return traffic_state >> 8;
}

/* Blocks that come and go, as in any program: as many bytes at any time. */
static NEVER void behaviour_traffic(int count)
{
    for (int i = 0; i < count; i++) {
        uint32_t place = behaviour_random() % traffic_limit;
        free(traffic[place]);
        traffic[place] = malloc(place * (traffic_bytes / traffic_limit) + 8);
        *(volatile char *)traffic[place] = 1;
    }
}

static void behaviour_begin(struct behaviour *behaviour, int argument_count,
                            char **arguments)
{
    if (argument_count > 1)
        behaviour->seconds = atof(arguments[1]);
    for (int i = 0; i < 20; i++)
        behaviour_traffic(traffic_limit);
    behaviour->begin = behaviour->start = behaviour_now();
    memtrace_mark("begin");
}

/* Some traffic, and then the rest of the tick is waited for. */
static void behaviour_tick(struct behaviour *behaviour)
{
    behaviour_traffic(50);
    behaviour->tick++;
    double due = behaviour->start +
                 behaviour->seconds * behaviour->tick / behaviour->tick_count;
    /* A tick that takes longer than it should is not made up for: the others
     * are as long as ever. */
    double now = behaviour_now();
    if (now > due) {
        behaviour->start += now - due;
        return;
    }
    struct timespec until = {(time_t)due,
                             (long)((due - (double)(time_t)due) * 1e9)};
    while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL))
        ;
}

static void behaviour_end(const struct behaviour *behaviour, long site_bytes,
                          long site_blocks, long growth_bytes)
{
    double seconds = behaviour_now() - behaviour->begin;
    memtrace_mark("end");
    printf("{\"program\":\"%s\",\"seconds\":%.6f,\"lateSeconds\":%.6f,"
           "\"site\":\"%s\","
           "\"siteBytes\":%ld,\"siteBlocks\":%ld,\"growthBytes\":%ld,"
           "\"growthBytesPerHour\":%.0f,\"pattern\":{\"malloc\":\"%s\","
           "\"mmap\":\"%s\",\"rss\":\"%s\"},\"verdict\":\"%s\"}\n",
           behaviour->program, seconds, seconds - behaviour->seconds,
           behaviour->site, site_bytes, site_blocks, growth_bytes,
           (double)growth_bytes / seconds * 3600, behaviour->malloc_pattern,
           behaviour->mmap_pattern, behaviour->rss_pattern, behaviour->verdict);
    fflush(stdout);
}

/* A block that is used, so that it is resident. */
static inline void *behaviour_fill(void *block, size_t byte_count)
{
    if (block)
        memset(block, 1, byte_count);
    return block;
}

#endif
