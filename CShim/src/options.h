/* SPDX-License-Identifier: Apache-2.0
 *
 * The MEMTRACE_* variables, from one table. Read once per process image,
 * before the first event.
 */
#ifndef MT_OPTIONS_H
#define MT_OPTIONS_H

#include "trace_format.h"

#include <stdbool.h>
#include <stdint.h>

/* name, variable, smallest, default, largest, what it is */
#define MT_NUMBER_OPTIONS(X)                                                  \
    X(depth, "MEMTRACE_DEPTH", 1, 512, 4096, "frames kept per stack")         \
    X(javascript, "MEMTRACE_JS", 0, 1, 1, "name node's JavaScript functions") \
    X(fold, "MEMTRACE_FOLD", 0, 1, 1, "sum up blocks that die young")         \
    X(sample_milliseconds, "MEMTRACE_SAMPLE_MS", 1, 50, 3600000,              \
      "time between samples of RSS")                                          \
    X(window_kilobytes, "MEMTRACE_WINDOW_KB", 16, 128,                        \
      MT_WINDOW_BYTE_LIMIT / 1024,                                            \
      "events kept per thread before they are sealed")                        \
    X(tsc, "MEMTRACE_TSC", 0, 1, 1, "use the time stamp counter if sound")    \
    X(unwinder, "MEMTRACE_UNWINDER", 0, 1, 3,                                 \
      "enum mt_unwinder_choice: how stacks are captured")                     \
    X(guard_file, "MEMTRACE_GUARD_FILE", 0, 0, 1,                             \
      "outlive a trace that is truncated; see file_guard.h")                  \
    X(disabled, "MEMTRACE_DISABLE", 0, 0, 1, "record nothing")

enum mt_unwinder_choice {
    MT_UNWINDER_FRAME_POINTERS = 0, /* no libunwind at all */
    MT_UNWINDER_TIERS = 1,          /* the three tiers of stack.c */
    MT_UNWINDER_LIBUNWIND = 2,      /* libunwind for every stack; slow */
    MT_UNWINDER_COMPARED = 3,       /* both, and differences are said */
};

struct mt_options {
    const char *output;      /* MEMTRACE_OUTPUT, or NULL */
    const char *root;        /* MEMTRACE_ROOT, set by us for descendants */
    const char *mark_signal; /* MEMTRACE_MARK_SIGNAL, or NULL */
#define MT_OPTION_FIELD(name, variable, smallest, standard, largest, what) \
    uint32_t name;
    MT_NUMBER_OPTIONS(MT_OPTION_FIELD)
#undef MT_OPTION_FIELD
};

#define MT_OUTPUT_VARIABLE "MEMTRACE_OUTPUT"
#define MT_OUTPUT_DEFAULT "trace.bin"
#define MT_MARK_SIGNAL_VARIABLE "MEMTRACE_MARK_SIGNAL"
/* "PID:/absolute/output": who began this run and where it writes. */
#define MT_ROOT_VARIABLE "MEMTRACE_ROOT"

/* A value that is no number in range is said in one line and left at its
 * default. The strings are the environment's own. */
void mt_options_read(struct mt_options *options);

/* The value of `name` in the environment, or NULL; never calls getenv, which
 * is interposed. */
const char *mt_options_variable(const char *name);

/* Puts "name=value" into the environment of this process, in memory of our
 * own: setenv would allocate from the program's heap. */
void mt_options_publish(const char *assignment);

#endif
