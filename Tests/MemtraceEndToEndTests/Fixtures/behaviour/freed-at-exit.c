/* SPDX-License-Identifier: Apache-2.0
 *
 * Grows by four blocks of 8 KiB in each of 100 ticks, in remember(), and frees
 * them all before it ends: at the end nothing is outstanding, but while it ran
 * it grew without a bound.
 * Pattern: steady-climb in malloc and RSS up to the mark "end", flat in mmap.
 * Verdict: leak.
 */
#include "behaviour.h"

static struct behaviour behaviour = {
    .program = "freed-at-exit",
    .site = "remember",
    .malloc_pattern = "steady-climb",
    .mmap_pattern = "flat",
    .rss_pattern = "steady-climb",
    .verdict = "leak",
    .seconds = 1.2,
    .tick_count = 100,
};

enum { block_bytes = 8192, blocks_per_tick = 4, block_limit = 400 };
static void *volatile blocks[block_limit];
static int block_count;

static NEVER void remember(void)
{
    for (int i = 0; i < blocks_per_tick; i++)
        blocks[block_count++] =
            behaviour_fill(malloc(block_bytes), block_bytes);
}

static NEVER void forget_all(void)
{
    while (block_count)
        free(blocks[--block_count]);
}

int main(int count, char **arguments)
{
    behaviour_begin(&behaviour, count, arguments);
    while (behaviour.tick < behaviour.tick_count) {
        remember();
        behaviour_tick(&behaviour);
    }
    behaviour_end(&behaviour, (long)block_limit * block_bytes, block_limit,
                  (long)block_limit * block_bytes);
    forget_all();
    return 0;
}
