/* SPDX-License-Identifier: Apache-2.0
 *
 * Builds tables of 12 MiB, 3,072 blocks of 4 KiB in build_tables(), the first
 * time that they are needed: at the twentieth of 100 ticks. Then nothing grows
 * any more.
 * Pattern: one-time in malloc and RSS, flat in mmap. Verdict: cache-or-warmup.
 */
#include "behaviour.h"

static struct behaviour behaviour = {
    .program = "lazy-init",
    .site = "build_tables",
    .malloc_pattern = "one-time",
    .mmap_pattern = "flat",
    .rss_pattern = "one-time",
    .verdict = "cache-or-warmup",
    .seconds = 1.2,
    .tick_count = 100,
};

enum { block_bytes = 4096, block_count = 3072 };
static void *volatile tables[block_count];

static NEVER void build_tables(void)
{
    for (int i = 0; i < block_count; i++)
        tables[i] = behaviour_fill(malloc(block_bytes), block_bytes);
}

int main(int count, char **arguments)
{
    behaviour_begin(&behaviour, count, arguments);
    while (behaviour.tick < behaviour.tick_count) {
        if (behaviour.tick == 20)
            build_tables();
        behaviour_tick(&behaviour);
    }
    behaviour_end(&behaviour, (long)block_count * block_bytes, block_count, 0);
    return 0;
}
