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

/* An instant at which live bytes may be highest; see find_peaks in fold.c. */
struct mt_fold_peak {
    size_t at; /* word offset of the event behind which it is */
    uint64_t fold_bytes;
};

/* What became of the event at a word offset: 0 when it is kept. Otherwise the
 * size of its block plus 1, with MT_FOLD_KEPT_END in a kept end whose block
 * began in the same window. */
#define MT_FOLD_KEPT_END 0x80000000u

/* Tables for one window, in memory of the caller's. */
struct mt_fold_scratch {
    uint32_t *blocks;    /* hash table: word offset of a beginning + 1 */
    uint32_t block_mask; /* its size less 1; a power of two less 1 */
    uint32_t *sites;     /* hash table: index into folds, plus 1 */
    uint32_t site_mask;
    uint32_t *marks;            /* per word of raw events, see above */
    struct mt_fold *folds;      /* room for site_mask / 2 */
    struct mt_fold_peak *peaks; /* room for one per event */
    uint32_t fold_count;
    uint32_t peak_count;
};

/* Whether the event with this mark is folded away. */
static inline bool mt_fold_is_folded(uint32_t mark)
{
    return mark && !(mark & MT_FOLD_KEPT_END);
}

/* Words of the raw event at `event`. */
size_t mt_fold_event_word_count(const uint64_t *event);

/* The size of the block or mapping that the event at `event` begins. */
uint64_t mt_fold_event_size(const uint64_t *event);

/* Fills marks, folds and peaks from `word_count` words of raw events. All
 * tables are zeroed before. */
void mt_fold(const uint64_t *events, size_t word_count,
             struct mt_fold_scratch *scratch);

#endif
