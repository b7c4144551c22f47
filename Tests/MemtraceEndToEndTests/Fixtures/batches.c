/* SPDX-License-Identifier: Apache-2.0
 *
 * Works in batches of iterations between marks "batch0", "batch1", ..., and
 * keeps what its arguments say, each in a function of its own:
 *
 *     batches BATCHES ITERATIONS WARM_UP
 *
 * Every iteration churns through 10 KB in churn(); every 100th loses 24 bytes
 * in lose_seldom(); every one keeps 40 bytes in keep_until_exit() that are
 * freed before the program exits. What does not grow: once() keeps 1,000
 * bytes in the first iteration of the second batch; cache_up_to() keeps 64
 * bytes for each of the first 150 iterations; replace_oldest() keeps 50
 * blocks of 80 bytes, the newest ones; late_garbage() keeps what the last 30
 * iterations made. swell() enlarges one block by 16 bytes an iteration.
 */
#include "memtrace.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NEVER __attribute__((noinline))
enum { RING = 50, KEPT = 1 << 20 };

static void *volatile sink;
static void *kept[KEPT];
static unsigned kept_count;
static void *ring[RING];
static char *swollen;
static size_t swollen_size;
static unsigned iteration;
static unsigned total;

static NEVER void churn(void)
{
    for (int i = 0; i < 10; i++) {
        sink = malloc(1024);
        free(sink);
    }
}

static NEVER void lose_seldom(void)
{
    if (iteration % 100 == 99)
        sink = malloc(24);
}

static NEVER void keep_until_exit(void)
{
    kept[kept_count++] = malloc(40);
}

static NEVER void once(unsigned batch, unsigned i)
{
    if (batch == 1 && i == 0)
        sink = malloc(1000);
}

static NEVER void cache_up_to(unsigned limit)
{
    if (iteration < limit)
        sink = malloc(64);
}

static NEVER void replace_oldest(void)
{
    free(ring[iteration % RING]);
    ring[iteration % RING] = malloc(80);
}

static NEVER void late_garbage(void)
{
    if (iteration + 30 >= total)
        sink = malloc(48);
}

static NEVER void swell(void)
{
    swollen_size += 16;
    swollen = realloc(swollen, swollen_size);
}

static void iterate(unsigned batch, unsigned i)
{
    churn();
    lose_seldom();
    keep_until_exit();
    once(batch, i);
    cache_up_to(150);
    replace_oldest();
    late_garbage();
    swell();
    iteration++;
}

int main(int argc, char **argv)
{
    if (argc != 4)
        return 2;
    unsigned batch_count = (unsigned)atoi(argv[1]);
    unsigned iteration_count = (unsigned)atoi(argv[2]);
    unsigned warm_up = (unsigned)atoi(argv[3]);
    total = warm_up + batch_count * iteration_count;
    for (unsigned i = 0; i < warm_up; i++)
        iterate(0, i + 1);
    char name[32];
    for (unsigned batch = 0; batch < batch_count; batch++) {
        snprintf(name, sizeof name, "batch%u", batch);
        memtrace_mark(name);
        for (unsigned i = 0; i < iteration_count; i++)
            iterate(batch, i);
    }
    snprintf(name, sizeof name, "batch%u", batch_count);
    memtrace_mark(name);
    while (kept_count > 0)
        free(kept[--kept_count]);
    return 0;
}
