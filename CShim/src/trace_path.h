/* SPDX-License-Identifier: Apache-2.0
 *
 * Which file a process writes, and what becomes of one that is there already.
 */
#ifndef MT_TRACE_PATH_H
#define MT_TRACE_PATH_H

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* Makes `output` absolute; with a "%p" in it, that is this process's id. The
 * first process of a run writes there. A descendant writes beside it:
 * "trace.bin" becomes "trace.PID.bin". False when the name does not fit. */
bool mt_trace_path_choose(const char *output, bool is_descendant, pid_t pid,
                          char path[PATH_MAX]);

/* `relative` below the working directory, unless it is absolute already. */
bool mt_trace_path_absolute(const char *relative, char path[PATH_MAX]);

/* Makes way for a new trace at `path`: a regular file there is renamed to
 * "PATH.old". An older "PATH.old" is replaced, unless it is still being
 * written, or the file making way was written by this very process before it
 * became another program, or belongs to a descendant, so that one run never
 * replaces what it recorded: then ".old.2", ".old.3", ... are tried.
 * Anything but a regular file is left alone. Returns 0 or an errno. */
int mt_trace_path_retire(const char *path, bool is_descendant, pid_t pid);

#endif
