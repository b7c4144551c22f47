/* SPDX-License-Identifier: Apache-2.0
 *
 * The encoding of a sealed window's events (trace_format.h): differences in few
 * bytes, and runs of events that the one before foretells.
 */
#ifndef MT_COMPACT_H
#define MT_COMPACT_H

#include "fold.h"

/* No encoded event is longer: 2 + 8 ticks + 8 address + 4 stack + 8 size + 2. */
#define MT_COMPACT_BYTE_LIMIT 32

/* Encodes what mt_fold has kept of `events`, and the peaks. Returns the end of
 * what was written to `output`, where there are twice MT_COMPACT_BYTE_LIMIT bytes
 * for each event. */
uint8_t *mt_compact(uint8_t *output, const uint64_t *events,
                    const struct mt_fold_scratch *scratch);

#endif
