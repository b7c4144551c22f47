/* SPDX-License-Identifier: Apache-2.0
 *
 * The fields of a sample, each group asked for where the kernel or the
 * allocator has it. What cannot be read (no /proc, a group that is gone) is
 * left out. All but the first share buffers: one caller at a time.
 */
#ifndef MT_MEASURE_H
#define MT_MEASURE_H

#include "trace_format.h"

/* RSS, faults, processor time. 6 us, 30 where the caches have forgotten the
 * kernel's code, as in a busy program they have. */
void mt_measure_process(struct mt_sample *sample);

/* RSS and all its parts, its peak, threads, in place of what the first says of
 * RSS. 13 us, or 50. */
void mt_measure_parts(struct mt_sample *sample);

/* Usage and limit of the group that mt_cgroup_choose chose; nothing before
 * mt_cgroup_find. 6 us, or 40. */
void mt_measure_cgroup(struct mt_sample *sample);
void mt_measure_cgroup_details(struct mt_sample *sample); /* 20 us */

void mt_measure_machine(struct mt_sample *sample); /* 10 us */

/* Only where mt_arena_books_may_be_read, and with signals held back. */
void mt_measure_arenas(struct mt_sample *sample);

/* The kernel goes through all pages; the second says beforehand how many
 * nanoseconds that takes. `sample` has its RSS. */
void mt_measure_pss(struct mt_sample *sample);
uint64_t mt_measure_pss_cost(const struct mt_sample *sample);

#endif
