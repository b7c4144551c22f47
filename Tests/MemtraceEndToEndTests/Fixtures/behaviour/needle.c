/* SPDX-License-Identifier: Apache-2.0
 *
 * Loses 1 KiB a second, eight blocks of 128 bytes in lose_needle(), under 50
 * MB/s of churn: 1 MB in each tick of 20 ms, in blocks of 16 to 4,096 bytes
 * from eight functions that live for up to a second. The length in seconds is
 * the first argument; the number of ticks follows from it.
 * Pattern: flat in malloc, mmap and RSS but for the needle, 1 KiB/s. Verdict:
 * leak; lose_needle is first among the growing sites.
 */
#include "behaviour.h"

static struct behaviour behaviour = {
    .program = "needle",
    .site = "lose_needle",
    .malloc_pattern = "steady-climb",
    .mmap_pattern = "flat",
    .rss_pattern = "flat",
    .verdict = "leak",
    .seconds = 6,
    .tick_count = 300,
};

enum { ticks_per_second = 50, tick_bytes = 1000000, needle_bytes = 128 };
enum { needles_per_second = 8, lifetime_ticks = 50, pile_limit = 8192 };

/* What was made in a tick is freed in the one so many ticks later. */
static struct {
    void *blocks[pile_limit];
    int count;
} piles[lifetime_ticks];

#define MAKER(name)                                            \
    static NEVER void *name(size_t byte_count)                 \
    {                                                          \
        return behaviour_fill(malloc(byte_count), byte_count); \
    }
MAKER(parse)
MAKER(format)
MAKER(encode)
MAKER(compress)
MAKER(enqueue)
MAKER(render)
MAKER(hash)
MAKER(copy)
static void *(*const makers[])(size_t) = {parse,   format, encode, compress,
                                          enqueue, render, hash,   copy};

static NEVER void lose_needle(void)
{
    behaviour_fill(malloc(needle_bytes), needle_bytes);
}

/* Half of the blocks are freed at once, the others after 1 to 50 ticks. */
static NEVER void churn(int tick)
{
    int pile = tick % lifetime_ticks;
    while (piles[pile].count)
        free(piles[pile].blocks[--piles[pile].count]);
    for (size_t made = 0; made < tick_bytes;) {
        size_t byte_count = 16 + behaviour_random() % 4081;
        void *block = makers[behaviour_random() % 8](byte_count);
        int later =
            (tick + 1 + (int)(behaviour_random() % 49)) % lifetime_ticks;
        made += byte_count;
        if (behaviour_random() % 2 || piles[later].count == pile_limit)
            free(block);
        else
            piles[later].blocks[piles[later].count++] = block;
    }
}

int main(int count, char **arguments)
{
    behaviour_begin(&behaviour, count, arguments);
    behaviour.tick_count = (int)(behaviour.seconds * ticks_per_second);
    long needles = 0;
    while (behaviour.tick < behaviour.tick_count) {
        churn(behaviour.tick);
        long due =
            (long)(behaviour.tick + 1) * needles_per_second / ticks_per_second;
        for (; needles < due; needles++)
            lose_needle();
        behaviour_tick(&behaviour);
    }
    behaviour_end(&behaviour, needles * needle_bytes, needles,
                  needles * needle_bytes);
    return 0;
}
