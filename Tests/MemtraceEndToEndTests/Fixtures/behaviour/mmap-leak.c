/* SPDX-License-Identifier: Apache-2.0
 *
 * Maps 1 MiB in each of 60 ticks, in map_piece(), uses it, and never unmaps
 * it; malloc has no part in it.
 * Pattern: steady-climb in mmap and RSS, flat in malloc. Verdict: mmap.
 */
#include "behaviour.h"
#include <sys/mman.h>

static struct behaviour behaviour = {
    .program = "mmap-leak",
    .site = "map_piece",
    .malloc_pattern = "flat",
    .mmap_pattern = "steady-climb",
    .rss_pattern = "steady-climb",
    .verdict = "mmap",
    .seconds = 1.2,
    .tick_count = 60,
};

#define PIECE_BYTES ((size_t)1 << 20)

static NEVER void map_piece(void)
{
    void *piece = mmap(NULL, PIECE_BYTES, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    behaviour_fill(piece, PIECE_BYTES);
}

int main(int count, char **arguments)
{
    behaviour_begin(&behaviour, count, arguments);
    while (behaviour.tick < behaviour.tick_count) {
        map_piece();
        behaviour_tick(&behaviour);
    }
    long pieces = behaviour.tick_count;
    behaviour_end(&behaviour, pieces * (long)PIECE_BYTES, pieces,
                  pieces * (long)PIECE_BYTES);
    return 0;
}
