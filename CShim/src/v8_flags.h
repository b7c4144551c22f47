/* SPDX-License-Identifier: Apache-2.0
 *
 * V8's flags that name its code, and the hash that V8 keeps of all its flags.
 */
#ifndef MT_V8_FLAGS_H
#define MT_V8_FLAGS_H

#include <stdbool.h>
#include <stddef.h>

/* Builtins are left out: node's own symbol table names them. */
#define MT_V8_FLAGS \
    "--perf-basic-prof-only-functions --interpreted-frames-native-stack"

/* Whether one of the `length` bytes of `text` (words that end in blanks or
 * NULs) is `flag`, or begins so; V8 takes `_` for `-`. */
bool mt_v8_flags_has(const char *text, size_t length, const char *flag);

/* Whether V8's functions for the following are there, and its flags may still
 * be written. */
bool mt_v8_flags_can_hide(void);

/* Makes V8 take its flags for those that it would have without MT_V8_FLAGS,
 * which stay in force, wherever it compares them: with those of node's own
 * compiled code, of a snapshot, of a cache on disk. Without this V8 refuses
 * them all: node compiles its modules anew, and ends at a snapshot of the
 * user's. Does nothing where it cannot. To be called by the main thread, behind
 * V8's initialization (which forgets it) and before the first isolate. */
void mt_v8_flags_hide(void);

#endif
