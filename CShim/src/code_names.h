/* SPDX-License-Identifier: Apache-2.0
 *
 * Names of generated code, as a program writes them for perf, kept in the
 * trace itself: they are there after a kill, and nothing is left in /tmp.
 */
#ifndef MT_CODE_NAMES_H
#define MT_CODE_NAMES_H

#include <stddef.h>

/* Appends text to the trace. One caller at a time (the stream's lock sees to
 * that); behind the guard. */
void mt_code_names_append(const char *text, size_t byte_count);

/* Forgets the chunk that is open: it is the parent's. */
void mt_code_names_abandon(void);

#endif
