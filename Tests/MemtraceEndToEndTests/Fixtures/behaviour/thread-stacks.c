/* SPDX-License-Identifier: Apache-2.0
 *
 * Starts a thread in each of 50 ticks, in start_worker(), that uses 512 KiB of
 * its stack and then waits for ever. The stacks are mappings that libc makes
 * within itself, where no tracer that is preloaded sees them: RSS and the
 * number of threads grow, mmap does not, and malloc by the few hundred bytes
 * that pthread_create takes for each.
 * Pattern: steady-climb in RSS, flat in mmap. Verdict: mmap, and the samples'
 * count of threads says of what.
 */
#include "behaviour.h"
#include <pthread.h>
#include <unistd.h>

static struct behaviour behaviour = {
    .program = "thread-stacks",
    .site = "start_worker",
    .malloc_pattern = "steady-climb",
    .mmap_pattern = "flat",
    .rss_pattern = "steady-climb",
    .verdict = "mmap",
    .seconds = 1.2,
    .tick_count = 50,
};

enum { used_bytes = 512 * 1024 };
static pthread_barrier_t barrier;

static NEVER void use_stack(void)
{
    volatile char used[used_bytes];
    memset((void *)(uintptr_t)used, 1, sizeof used);
}

static void *work(void *unused)
{
    use_stack();
    pthread_barrier_wait(&barrier);
    pause();
    return unused;
}

static NEVER void start_worker(void)
{
    pthread_t thread;
    pthread_create(&thread, NULL, work, NULL);
    pthread_barrier_wait(&barrier);
}

int main(int count, char **arguments)
{
    behaviour_begin(&behaviour, count, arguments);
    pthread_barrier_init(&barrier, NULL, 2);
    while (behaviour.tick < behaviour.tick_count) {
        start_worker();
        behaviour_tick(&behaviour);
    }
    /* Its growth is that of RSS; of blocks it has but libc's own. */
    behaviour_end(&behaviour, 0, 0, (long)behaviour.tick_count * used_bytes);
    return 0;
}
