/* SPDX-License-Identifier: Apache-2.0
 *
 * 100,000 blocks of 4 KiB within a second, in expand(), from the thirtieth of
 * 100 ticks on, 5,000 in a tick; held for 10 ticks, and freed.
 * Pattern: spike in malloc and RSS, flat in mmap. Verdict: none.
 */
#include "behaviour.h"

static struct behaviour behaviour = {
    .program = "burst",
    .site = "expand",
    .malloc_pattern = "spike",
    .mmap_pattern = "flat",
    .rss_pattern = "spike",
    .verdict = "none",
    .seconds = 1.5,
    .tick_count = 100,
};

enum { block_bytes = 4096, block_count = 100000, blocks_per_tick = 5000 };
static void *volatile blocks[block_count];

static NEVER void expand(int first)
{
    for (int i = first; i < first + blocks_per_tick; i++)
        blocks[i] = behaviour_fill(malloc(block_bytes), block_bytes);
}

static NEVER void collapse(void)
{
    for (int i = 0; i < block_count; i++)
        free(blocks[i]);
}

int main(int count, char **arguments)
{
    behaviour_begin(&behaviour, count, arguments);
    int made = 0;
    while (behaviour.tick < behaviour.tick_count) {
        if (behaviour.tick >= 30 && made < block_count) {
            expand(made);
            made += blocks_per_tick;
        }
        if (behaviour.tick == 60)
            collapse();
        behaviour_tick(&behaviour);
    }
    behaviour_end(&behaviour, 0, 0, 0);
    return 0;
}
