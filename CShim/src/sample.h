/* SPDX-License-Identifier: Apache-2.0
 *
 * Memory of the process as the kernel sees it, written now and then by
 * whichever thread records first after the deadline.
 *
 * What is cheap stands in every sample; what is dear is asked for in turns, at
 * most one thing a sample, and the more it cost the less often. Costs are
 * counted in processor time of the thread, which other programs do not change.
 */
#ifndef MT_SAMPLE_H
#define MT_SAMPLE_H

#include <stdint.h>

/* Forgets what a parent process knew. Before the first sample. */
void mt_sample_begin(void);

/* Writes a sample if no other thread is about to, and sets the next deadline.
 * `stack` is that of the event by which the thread came here, or 0. Behind the
 * guard only; errno kept. About 30 us. */
void mt_sample_take(uint64_t ticks, uint32_t stack);

/* The first of a process: what is cheap alone. */
void mt_sample_take_first(void);

/* One for an instant that matters: its end, a snapshot. With all that is dear
 * and yet within what sampling may cost altogether; `stack` as above. */
void mt_sample_take_whole(uint32_t stack);

#endif
