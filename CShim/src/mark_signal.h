/* SPDX-License-Identifier: Apache-2.0
 *
 * Marks by signal: MEMTRACE_MARK_SIGNAL=USR2 makes each SIGUSR2 a mark named
 * "signal-1", "signal-2", ... With that of file_guard.h the only signal handler
 * there is, and only when it was asked for.
 */
#ifndef MT_MARK_SIGNAL_H
#define MT_MARK_SIGNAL_H

/* Installs the handler for the signal called `name`: "USR2", "SIGUSR2",
 * "RTMIN+3" or a number; NULL: none. A handler that is there already is called
 * behind ours; one that the program installs later replaces ours, as it would
 * any. Says in one line what is wrong with the name. */
void mt_mark_signal_begin(const char *name);

/* The number of the signal called `name`, or 0; for tests. */
int mt_mark_signal_number(const char *name);

#endif
