/* SPDX-License-Identifier: Apache-2.0
 *
 * Blocks that begin before our constructor runs (libstdc++'s pool for
 * exceptions, constructors of libraries that came first) and blocks that we
 * cause ourselves in it. They are remembered here and recorded when the
 * trace begins, so that their ends have a beginning.
 */
#ifndef MT_EARLY_H
#define MT_EARLY_H

#include "stack.h"
#include "trace_format.h"

#include <stdbool.h>
#include <stddef.h>

/* True until mt_early_record has run. */
extern bool mt_early_is_active;

/* Remembers, or forgets, a block. From inside memtrace it counts as MT_OWN. */
void mt_early_begin(enum mt_function function, const void *block, size_t size,
                    const struct mt_caller *caller);
void mt_early_end(const void *block);

/* Records what is still alive, each under its caller alone, as nothing can be
 * unwound that early; and what did not fit, as lost. */
void mt_early_record(struct mt_thread_state *thread);

#endif
