/* SPDX-License-Identifier: Apache-2.0
 *
 * One allocation of 512 MiB in read_everything(), at the fortieth of 100
 * ticks; it is used, held for 10 ticks, and freed.
 * Pattern: spike in malloc and RSS, flat in mmap. Verdict: none.
 */
#include "behaviour.h"

static struct behaviour behaviour = {
    .program = "spike",
    .site = "read_everything",
    .malloc_pattern = "spike",
    .mmap_pattern = "flat",
    .rss_pattern = "spike",
    .verdict = "none",
    .seconds = 1.2,
    .tick_count = 100,
};

#define EVERYTHING ((size_t)512 << 20)

static NEVER void *read_everything(void)
{
    return behaviour_fill(malloc(EVERYTHING), EVERYTHING);
}

int main(int count, char **arguments)
{
    behaviour_begin(&behaviour, count, arguments);
    void *volatile everything = NULL;
    while (behaviour.tick < behaviour.tick_count) {
        if (behaviour.tick == 40)
            everything = read_everything();
        if (behaviour.tick == 50)
            free(everything);
        behaviour_tick(&behaviour);
    }
    behaviour_end(&behaviour, 0, 0, 0);
    return 0;
}
