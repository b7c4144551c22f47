/* SPDX-License-Identifier: Apache-2.0
 *
 * Memory of the process as the kernel sees it, written now and then by
 * whichever thread records first after the deadline.
 */
#ifndef MT_SAMPLE_H
#define MT_SAMPLE_H

#include <stdint.h>

/* Writes a sample if no other thread is about to, and sets the next deadline.
 * Behind the guard only. About 10 us. */
void mt_sample_take(uint64_t ticks);

/* Writes one now, whatever the deadline. */
void mt_sample_take_now(void);

#endif
