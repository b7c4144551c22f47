/* SPDX-License-Identifier: Apache-2.0
 *
 * Collects a batch for ten ticks, 16 blocks of 16 KiB in each, in gather(),
 * and hands it in; then all of the batch but its last 16 blocks are freed.
 * Pattern: sawtooth in malloc with a rising baseline; flat in mmap; sawtooth
 * or a climb in RSS. Verdict: leak, at the rate of the baseline.
 */
#include "behaviour.h"

static struct behaviour behaviour = {
    .program = "sawtooth-rising",
    .site = "gather",
    .malloc_pattern = "sawtooth",
    .mmap_pattern = "flat",
    .rss_pattern = "sawtooth",
    .verdict = "leak",
    .seconds = 1.5,
    .tick_count = 100,
};

enum { block_bytes = 16384, blocks_per_tick = 16, ticks_per_batch = 10 };
enum { batch_limit = blocks_per_tick * ticks_per_batch, kept_count = 16 };
static void *volatile batch[batch_limit];
static int batch_count;

static NEVER void gather(void)
{
    for (int i = 0; i < blocks_per_tick; i++)
        batch[batch_count++] = behaviour_fill(malloc(block_bytes), block_bytes);
}

static NEVER void hand_in(void)
{
    for (int i = 0; i < batch_limit - kept_count; i++)
        free(batch[i]);
    batch_count = 0;
}

int main(int count, char **arguments)
{
    behaviour_begin(&behaviour, count, arguments);
    while (behaviour.tick < behaviour.tick_count) {
        gather();
        behaviour_tick(&behaviour);
        if (behaviour.tick % ticks_per_batch == 0)
            hand_in();
    }
    long blocks = (long)kept_count * behaviour.tick_count / ticks_per_batch;
    behaviour_end(&behaviour, blocks * block_bytes, blocks,
                  blocks * block_bytes);
    return 0;
}
