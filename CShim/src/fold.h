/* SPDX-License-Identifier: Apache-2.0
 *
 * Finds the blocks that began and ended inside one window, and what they add
 * up to per stack.
 */
#ifndef MT_FOLD_H
#define MT_FOLD_H

#include "trace_format.h"

#include <stdbool.h>
#include <stddef.h>

/* Tables for one window, in memory of the caller's. */
struct mt_fold_scratch {
    uint32_t *blocks;    /* hash table: word offset of a beginning, plus 1 */
    uint32_t block_mask; /* its size less 1; a power of two less 1 */
    uint32_t *sites;     /* hash table: index into folds, plus 1 */
    uint32_t site_mask;
    uint32_t *folded;      /* per word of raw events, at each event's first:
                              0, or the size of its folded block plus 1 */
    struct mt_fold *folds; /* room for site_mask / 2 */
    struct mt_fold_peak *peaks; /* room for one per event */
    uint32_t fold_count;
    uint32_t peak_count;
};

/* Words of the raw event at `event`; 0 when its function is unknown. */
size_t mt_fold_event_word_count(const uint64_t *event);

/* The size of the block or mapping that the event at `event` begins. */
uint64_t mt_fold_event_size(const uint64_t *event);

/* Fills folded, folds and peaks from `word_count` words of raw events. All
 * tables are zeroed before. */
void mt_fold(const uint64_t *events, size_t word_count,
             struct mt_fold_scratch *scratch);

#endif
