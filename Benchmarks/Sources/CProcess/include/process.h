/* SPDX-License-Identifier: Apache-2.0
 *
 * Calls that Swift does not see, of variable arity or of glibc alone; and the
 * one signal handler.
 */
#ifndef BENCH_PROCESS_H
#define BENCH_PROCESS_H

#include <spawn.h>
#include <stdbool.h>

/* From now on descendants whose parents are gone become children of this
 * process, so that all of them can be waited for. False with errno set where
 * the kernel refuses. */
bool bench_adopt_orphans(void);

/* From now on the ends of children are noticed. False with errno set where that
 * is not possible; true again in every later call. */
bool bench_notice_children(void);

/* Returns when a child has ended since the last call, or after so many
 * nanoseconds. */
void bench_await_child(long long nanoseconds);

/* The started program gets `directory` as its own, and no descriptor of ours
 * but 0, 1 and 2. Returns 0 or an errno. */
int bench_spawn_isolate(posix_spawn_file_actions_t *actions,
                        const char *directory);

#endif
