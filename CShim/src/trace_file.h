/* SPDX-License-Identifier: Apache-2.0
 *
 * The trace file: creates it, hands out its space, writes sealed chunks and
 * maps live ones. One per process; a forked child abandons its parent's.
 *
 * A full disk, a size limit or a lost descriptor ends the recording, never
 * the program: from then on events are only counted.
 */
#ifndef MT_TRACE_FILE_H
#define MT_TRACE_FILE_H

#include "clock.h"
#include "trace_format.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>
#include <sys/uio.h>

/* Creates the file at `path` (absolute) and maps its header. Says why in one
 * line and returns false when it cannot. */
bool mt_trace_file_create(const char *path, bool is_descendant,
                          const struct mt_clock_state *clock,
                          size_t window_byte_count);

/* Forgets the file without touching it: it belongs to the parent. */
void mt_trace_file_abandon(void);

/* The path given to mt_trace_file_create; "" when there is no file. */
const char *mt_trace_file_path(void);

/* The mapped header, or NULL before mt_trace_file_create. */
struct mt_file_header *mt_trace_file_header(void);

/* Writes one sealed chunk of at most 6 parts. Safe from any thread and, as all
 * signals are held back meanwhile, in a signal handler. On failure stops the
 * recording and returns false. */
bool mt_trace_file_write(enum mt_chunk_kind kind, const struct iovec *parts,
                         size_t part_count);

/* Reserves, allocates and maps a live chunk of `byte_count` bytes (a multiple
 * of the page size) with its header in place; NULL, and the recording stopped,
 * when the file cannot grow. */
void *mt_trace_file_map_chunk(enum mt_chunk_kind kind, size_t byte_count);

/* Unmaps it; NULL is fine. */
void mt_trace_file_unmap_chunk(void *chunk, size_t byte_count);

/* Counts what could not be recorded, where the reader finds it. */
void mt_trace_file_lost(uint64_t event_count);

/* Ends the recording for good; `reason` is an errno, ENODATA when the file has
 * lost what was in it. Says so in one line. */
void mt_trace_file_stop(int reason);

/* The same in other words. */
void mt_trace_file_stop_for(int reason, const char *words);

/* Notes in the header that the process came to its own end. */
void mt_trace_file_ended(uint64_t ticks);

/* Notes in the header that the process is about to become another program;
 * false when it is none of this trace's, or has ended. After `true` either this
 * program is no more, or mt_trace_file_not_executed takes it back. */
bool mt_trace_file_executing(void);
void mt_trace_file_not_executed(void);

/* Test only: makes the Nth growth of the file from now on fail; 0: never. */
extern unsigned mt_trace_file_failing_growth;

#endif
