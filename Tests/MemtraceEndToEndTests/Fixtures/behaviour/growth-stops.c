/* SPDX-License-Identifier: Apache-2.0
 *
 * Grows by eight blocks of 16 KiB in each of the first 40 of 100 ticks, in
 * learn(), and then no more.
 * Pattern: one-time in malloc and RSS, flat in mmap. Verdict: cache-or-warmup.
 */
#include "behaviour.h"

static struct behaviour behaviour = {
    .program = "growth-stops",
    .site = "learn",
    .malloc_pattern = "one-time",
    .mmap_pattern = "flat",
    .rss_pattern = "one-time",
    .verdict = "cache-or-warmup",
    .seconds = 1.2,
    .tick_count = 100,
};

enum { block_bytes = 16384, blocks_per_tick = 8, growing_ticks = 40 };

static NEVER void learn(void)
{
    for (int i = 0; i < blocks_per_tick; i++)
        behaviour_fill(malloc(block_bytes), block_bytes);
}

int main(int count, char **arguments)
{
    behaviour_begin(&behaviour, count, arguments);
    while (behaviour.tick < behaviour.tick_count) {
        if (behaviour.tick < growing_ticks)
            learn();
        behaviour_tick(&behaviour);
    }
    long blocks = growing_ticks * blocks_per_tick;
    behaviour_end(&behaviour, blocks * block_bytes, blocks, 0);
    return 0;
}
