/* SPDX-License-Identifier: Apache-2.0
 *
 * Makes 60,000 blocks of 1,500 bytes within 20 ticks, in make_blocks(), and
 * then frees every second one of them: half of the 90 MB are free, but none
 * can be given back, and RSS stays. In each tick after that it makes and frees
 * one page's worth, which finds its place there.
 * Pattern: spike or one-time in malloc (it halves), one-time in RSS, flat in
 * mmap. Verdict: allocator-retention.
 */
#include "behaviour.h"

static struct behaviour behaviour = {
    .program = "fragmentation",
    .site = "make_blocks",
    .malloc_pattern = "one-time",
    .mmap_pattern = "flat",
    .rss_pattern = "one-time",
    .verdict = "allocator-retention",
    .seconds = 1.5,
    .tick_count = 100,
};

enum { block_bytes = 1500, block_count = 60000, blocks_per_tick = 3000 };
static void *volatile blocks[block_count];

static NEVER void make_blocks(int first)
{
    for (int i = first; i < first + blocks_per_tick; i++)
        blocks[i] = behaviour_fill(malloc(block_bytes), block_bytes);
}

static NEVER void free_every_other(void)
{
    for (int i = 0; i < block_count; i += 2)
        free(blocks[i]);
}

int main(int count, char **arguments)
{
    behaviour_begin(&behaviour, count, arguments);
    int made = 0;
    while (behaviour.tick < behaviour.tick_count) {
        if (made < block_count) {
            make_blocks(made);
            made += blocks_per_tick;
            if (made == block_count)
                free_every_other();
        }
        behaviour_tick(&behaviour);
    }
    behaviour_end(&behaviour, (long)block_count / 2 * block_bytes,
                  block_count / 2, 0);
    return 0;
}
