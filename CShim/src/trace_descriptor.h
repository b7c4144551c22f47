/* SPDX-License-Identifier: Apache-2.0
 *
 * The trace file's descriptor, which lives among the program's own.
 */
#ifndef MT_TRACE_DESCRIPTOR_H
#define MT_TRACE_DESCRIPTOR_H

#include <signal.h>
#include <stdbool.h>

/* The file behind `descriptor` is the trace from now on; false, with errno, and
 * nothing changed, when it cannot be told from others. */
bool mt_trace_descriptor_set(int descriptor);

/* Closes it if it is still the trace's: that is the parent's. */
void mt_trace_descriptor_abandon(void);

/* The descriptor, or -1: for the doors that step around it. */
int mt_trace_descriptor(void);

/* Moves the descriptor to another number, so that the program can have
 * `wanted`; returns once no thread uses the old one. */
void mt_trace_descriptor_yield(int wanted);

struct mt_descriptor_use {
    sigset_t signals;
    int saved_errno;
};

/* Holds signals back and returns a descriptor that is certainly the trace's,
 * or -1. Between this and its end no door gives its number away. */
int mt_trace_descriptor_begin_use(struct mt_descriptor_use *use);
void mt_trace_descriptor_end_use(const struct mt_descriptor_use *use);

#endif
