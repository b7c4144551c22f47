/* SPDX-License-Identifier: Apache-2.0
 *
 * A cache of at most 400 entries of 20 KiB, made in new_entry(). Ten enter in
 * each of 120 ticks: after a third of the time it is full, and each that
 * enters drives the oldest out.
 * Pattern: one-time in malloc and RSS, flat in mmap. Verdict: cache-or-warmup.
 */
#include "behaviour.h"

static struct behaviour behaviour = {
    .program = "lru-cache",
    .site = "new_entry",
    .malloc_pattern = "one-time",
    .mmap_pattern = "flat",
    .rss_pattern = "one-time",
    .verdict = "cache-or-warmup",
    .seconds = 1.2,
    .tick_count = 120,
};

enum { entry_limit = 400, entry_bytes = 20480, entries_per_tick = 10 };
static void *volatile entries[entry_limit];

static NEVER void *new_entry(void)
{
    return behaviour_fill(malloc(entry_bytes), entry_bytes);
}

int main(int count, char **arguments)
{
    behaviour_begin(&behaviour, count, arguments);
    for (int next = 0; behaviour.tick < behaviour.tick_count;) {
        for (int i = 0; i < entries_per_tick; i++, next++) {
            free(entries[next % entry_limit]);
            entries[next % entry_limit] = new_entry();
        }
        behaviour_tick(&behaviour);
    }
    behaviour_end(&behaviour, (long)entry_limit * entry_bytes, entry_limit, 0);
    return 0;
}
