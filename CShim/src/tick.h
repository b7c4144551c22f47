/* SPDX-License-Identifier: Apache-2.0
 *
 * A word that the kernel changes as time passes: the nanoseconds of
 * CLOCK_MONOTONIC_COARSE, in the pages that it shows to every process for the
 * vDSO. One load tells that less than a tick of the kernel's (1 to 10 ms) has
 * gone by, at a tenth of what the time stamp counter costs.
 */
#ifndef MT_TICK_H
#define MT_TICK_H

#include <stdint.h>

/* The word, or NULL where it is not to be found: these pages are the kernel's
 * own business, so it is known by its content. Leaves errno as it is. */
const volatile uint64_t *mt_tick_find(void);

#endif
