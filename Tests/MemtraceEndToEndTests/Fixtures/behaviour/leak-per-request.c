/* SPDX-License-Identifier: Apache-2.0
 *
 * Serves 200 requests. Each allocates 50 blocks and frees them, but one
 * session of 16 KiB, made in open_session(), stays. The mark "request N"
 * stands before every twentieth.
 * Pattern: steady-climb in malloc and RSS, flat in mmap. Verdict: leak.
 */
#include "behaviour.h"

static struct behaviour behaviour = {
    .program = "leak-per-request",
    .site = "open_session",
    .malloc_pattern = "steady-climb",
    .mmap_pattern = "flat",
    .rss_pattern = "steady-climb",
    .verdict = "leak",
    .seconds = 1.2,
    .tick_count = 200,
};

enum { session_bytes = 16384, buffer_count = 50, buffer_bytes = 1500 };

static NEVER void *open_session(void)
{
    return behaviour_fill(malloc(session_bytes), session_bytes);
}

static NEVER void serve(void)
{
    void *volatile buffers[buffer_count];
    for (int i = 0; i < buffer_count; i++)
        buffers[i] = behaviour_fill(malloc(buffer_bytes), buffer_bytes);
    open_session();
    for (int i = 0; i < buffer_count; i++)
        free(buffers[i]);
}

int main(int count, char **arguments)
{
    behaviour_begin(&behaviour, count, arguments);
    while (behaviour.tick < behaviour.tick_count) {
        if (behaviour.tick % 20 == 0) {
            char name[32];
            snprintf(name, sizeof name, "request %d", behaviour.tick);
            memtrace_mark(name);
        }
        serve();
        behaviour_tick(&behaviour);
    }
    long blocks = behaviour.tick_count;
    behaviour_end(&behaviour, blocks * session_bytes, blocks,
                  blocks * session_bytes);
    return 0;
}
