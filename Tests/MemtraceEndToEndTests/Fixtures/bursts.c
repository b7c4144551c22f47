/* SPDX-License-Identifier: Apache-2.0
 *
 * Bursts of allocations by a thread of their own, and something to tell them
 * by in between. Burst N leaks 50 blocks of 3001 + 2 N bytes.
 * bursts marks COUNT: the first thread makes a mark between two bursts, within
 * a microsecond or two. bursts pauses COUNT: each burst comes after a sleep of
 * a fifth of a second; prints the instants between sleep and burst, in
 * nanoseconds of CLOCK_MONOTONIC.
 */
#include "memtrace.h"
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { blocks_a_burst = 50, smallest = 3001 };

static atomic_int asked, done;

static void burst(int number)
{
    for (int i = 0; i < blocks_a_burst; i++)
        *(volatile char *)malloc((size_t)(smallest + 2 * number)) = 1;
}

static void *burst_when_asked(void *count)
{
    for (int i = 1; i <= *(int *)count; i++) {
        while (atomic_load(&asked) < i)
            ;
        burst(i);
        atomic_store(&done, i);
    }
    return NULL;
}

static void make_marks(int count)
{
    pthread_t thread;
    pthread_create(&thread, NULL, burst_when_asked, &count);
    for (int i = 1; i <= count; i++) {
        char name[20];
        snprintf(name, sizeof name, "%d", i);
        memtrace_mark(name);
        atomic_store(&asked, i);
        while (atomic_load(&done) < i)
            ;
    }
    pthread_join(thread, NULL);
}

static void make_pauses(int count)
{
    for (int i = 1; i <= count; i++) {
        struct timespec now;
        usleep(200000);
        clock_gettime(CLOCK_MONOTONIC, &now);
        burst(i);
        printf("%lld\n",
               (long long)now.tv_sec * 1000000000 + (long long)now.tv_nsec);
    }
}

int main(int argc, char **argv)
{
    if (argc != 3)
        return 64;
    if (strcmp(argv[1], "marks") == 0)
        make_marks(atoi(argv[2]));
    else
        make_pauses(atoi(argv[2]));
    return 0;
}
