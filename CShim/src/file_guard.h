/* SPDX-License-Identifier: Apache-2.0
 *
 * MEMTRACE_GUARD_FILE=1: a trace that somebody truncates ends the recording,
 * not the program. The kernel sends SIGBUS for a store to a page that the file
 * has no more; a handler puts a page of zeros there, and the store is done
 * again. The program's own handler gets every other SIGBUS, and to the program
 * there is no handler but its own.
 */
#ifndef MT_FILE_GUARD_H
#define MT_FILE_GUARD_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>

/* What is said when the file has lost what it had. */
#define MT_FILE_GUARD_WORDS \
    "it was truncated by someone else, or its disk fails"

/* Installs the handler, if the option asks for it and it is not there: a forked
 * child has it already. Before the trace is created. */
void mt_file_guard_begin(void);

/* Whether the handler was installed. */
bool mt_file_guard_is_on(void);

/* A piece of the file was mapped, before anything is stored there. What no
 * entry was left for is not guarded. */
void mt_file_guard_add(const void *pages, size_t byte_count);

/* Whether a piece may be unmapped; it is guarded no more. Once the file has
 * been truncated the answer is no: another thread may just be putting zeros
 * there, or in whatever the program maps there next. */
bool mt_file_guard_remove(const void *pages);

/* Forgets all pieces: they are the parent's. */
void mt_file_guard_forget(void);

/* Stops the recording if the handler has had to do with this file while there
 * was no recording yet to be stopped. */
void mt_file_guard_stop_if_hit(void);

/* Holds back all signals, but SIGBUS where it is ours: the kernel kills for one
 * that is held back. Without a handler of ours it would kill anyway, and the
 * program's, which may jump, has no business between our stores. */
void mt_file_guard_hold_signals(sigset_t *before);

/* sigaction for SIGBUS, as it looks to the program; once the guard is on. */
int mt_file_guard_exchange(const struct sigaction *action,
                           struct sigaction *before);

/* The process is about to become another program, which inherits what is
 * ignored; and it has not become one. */
void mt_file_guard_executing(void);
void mt_file_guard_not_executed(void);

#endif
