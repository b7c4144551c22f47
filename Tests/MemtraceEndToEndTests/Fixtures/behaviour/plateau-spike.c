/* SPDX-License-Identifier: Apache-2.0
 *
 * Warms up to 8 MiB within ten ticks, in warm_up(), stays there for 75, and
 * then takes 64 MiB in blocks of 64 KiB within five, in load_export(), which
 * it still has at the end: what a program does that is killed by its limit.
 * Pattern: plateau-then-spike in malloc and RSS, flat in mmap. Verdict: none,
 * as nothing climbs; the spike and its site are the finding.
 */
#include "behaviour.h"

static struct behaviour behaviour = {
    .program = "plateau-spike",
    .site = "load_export",
    .malloc_pattern = "plateau-then-spike",
    .mmap_pattern = "flat",
    .rss_pattern = "plateau-then-spike",
    .verdict = "none",
    .seconds = 1.2,
    .tick_count = 100,
};

enum { warm_bytes = 16384, warm_per_tick = 51 };
enum { export_bytes = 65536, export_per_tick = 204 };

static NEVER void warm_up(void)
{
    for (int i = 0; i < warm_per_tick; i++)
        behaviour_fill(malloc(warm_bytes), warm_bytes);
}

static NEVER void load_export(void)
{
    for (int i = 0; i < export_per_tick; i++)
        behaviour_fill(malloc(export_bytes), export_bytes);
}

int main(int count, char **arguments)
{
    behaviour_begin(&behaviour, count, arguments);
    long loaded = 0;
    while (behaviour.tick < behaviour.tick_count) {
        if (behaviour.tick < 10)
            warm_up();
        if (behaviour.tick >= 85 && behaviour.tick < 90) {
            load_export();
            loaded += export_per_tick;
        }
        behaviour_tick(&behaviour);
    }
    behaviour_end(&behaviour, loaded * export_bytes, loaded, 0);
    return 0;
}
