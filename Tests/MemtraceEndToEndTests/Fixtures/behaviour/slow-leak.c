/* SPDX-License-Identifier: Apache-2.0
 *
 * Loses four blocks of 8 KiB in each of 100 ticks, in lose_some().
 * Pattern: steady-climb in malloc and RSS, flat in mmap. Verdict: leak.
 */
#include "behaviour.h"

static struct behaviour behaviour = {
    .program = "slow-leak",
    .site = "lose_some",
    .malloc_pattern = "steady-climb",
    .mmap_pattern = "flat",
    .rss_pattern = "steady-climb",
    .verdict = "leak",
    .seconds = 1.2,
    .tick_count = 100,
};

enum { block_bytes = 8192, blocks_per_tick = 4 };

static NEVER void lose_some(void)
{
    for (int i = 0; i < blocks_per_tick; i++)
        behaviour_fill(malloc(block_bytes), block_bytes);
}

int main(int count, char **arguments)
{
    behaviour_begin(&behaviour, count, arguments);
    while (behaviour.tick < behaviour.tick_count) {
        lose_some();
        behaviour_tick(&behaviour);
    }
    long blocks = behaviour.tick_count * blocks_per_tick;
    behaviour_end(&behaviour, blocks * block_bytes, blocks,
                  blocks * block_bytes);
    return 0;
}
