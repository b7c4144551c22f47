/* SPDX-License-Identifier: Apache-2.0
 *
 * Traffic alone: blocks come and go, and nothing grows.
 * Pattern: flat in malloc, mmap and RSS. Verdict: none.
 */
#include "behaviour.h"

static struct behaviour behaviour = {
    .program = "flat",
    .site = "behaviour_traffic",
    .malloc_pattern = "flat",
    .mmap_pattern = "flat",
    .rss_pattern = "flat",
    .verdict = "none",
    .seconds = 1.0,
    .tick_count = 100,
};

int main(int count, char **arguments)
{
    behaviour_begin(&behaviour, count, arguments);
    while (behaviour.tick < behaviour.tick_count)
        behaviour_tick(&behaviour);
    long bytes = 0;
    for (int i = 0; i < traffic_limit; i++)
        bytes += i * (traffic_bytes / traffic_limit) + 8;
    behaviour_end(&behaviour, bytes, traffic_limit, 0);
    return 0;
}
