/* SPDX-License-Identifier: Apache-2.0
 *
 * What a language runtime knows of its own memory: JavaScript's heaps, and
 * their collections. Nothing here asks the runtime; it tells us (napi module).
 */
#ifndef MT_RUNTIME_H
#define MT_RUNTIME_H

#include "trace_format.h"

#include <stdbool.h>
#include <stddef.h>

/* More than this in one call of mt_runtime_write_gc become several chunks. */
#define MT_RUNTIME_GC_BATCH 1024u

/* Writes what one heap holds now; `memory->clock` is not read, the instant is
 * that of the call. From any thread, outside the guard (it enters it), not in a
 * signal handler. About 2 us, errno kept. False when nothing is recorded. */
bool mt_runtime_write_memory(const struct mt_js_memory *memory);

/* Writes `count` collections, in any order; 0 is none. The same conditions. */
bool mt_runtime_write_gc(const struct mt_gc *collections, size_t count);

#endif
