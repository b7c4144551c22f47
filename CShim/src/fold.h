/* SPDX-License-Identifier: Apache-2.0
 *
 * Finds the blocks that began and ended inside one window, and what they add
 * up to per stack.
 */
#ifndef MT_FOLD_H
#define MT_FOLD_H

#include "attributes.h"
#include "trace_format.h"

#include <stdbool.h>
#include <stddef.h>

/* An instant at which live bytes may be highest; see fold.c. */
struct mt_fold_peak {
    uint32_t at; /* word offset of the event behind which it is */
    uint64_t fold_bytes;
};

/* Events that are not folded away: one, or a run of them, which stand one behind
 * the other and are alike in all but their addresses, each as far from the one
 * before as the next. */
struct mt_fold_kept {
    uint32_t at; /* word offset of the first */
    uint32_t count : 31;
    /* It ends the block that the thread's event just before it began; then it
     * is one. */
    uint32_t is_temporary : 1;
};

/* Tables for one window of N words, in memory of the caller's. No pair takes
 * fewer than MT_FOLD_PAIR_WORDS words, no event less than one. */
#define MT_FOLD_PAIR_WORDS 4
struct mt_fold_scratch {
    uint32_t *sites;       /* hash table, zeroed: index into folds, plus 1 */
    uint32_t site_mask;    /* its size less 1; a power of two less 1, and the
                           size at least twice that of folds */
    struct mt_fold *folds; /* room for N / MT_FOLD_PAIR_WORDS */
    struct mt_fold_kept *kept;  /* room for N / 2 */
    struct mt_fold_peak *peaks; /* room for N / 3 */
    uint32_t fold_count;
    uint32_t kept_count;
    uint32_t event_count; /* in all that is kept */
    uint32_t peak_count;
    uint64_t first_ticks; /* the window's earliest and latest instant */
    uint64_t last_ticks;
    uint64_t last_begun; /* see mt_window; before the window, then after it */
};

static inline bool mt_fold_is_mapping(unsigned function)
{
    return function == MT_MMAP || function == MT_MREMAP ||
           function == MT_MUNMAP || function == MT_MREMAP_UNMAP;
}

/* The size of the block that the event at `begin` begins. */
static inline uint64_t mt_fold_block_size(const uint64_t *begin)
{
    uint64_t size = begin[2] >> 32;
    return MT_UNLIKELY(size == MT_RAW_SIZE_FOLLOWS) ? begin[3] : size;
}

/* Whether these words are events, from the first to the last, that mt_fold can
 * be given: no end is the pair of a begin that is not there, and no more than
 * `pair_limit` begins are paired. Zeros are no events. */
bool mt_fold_is_sound(const uint64_t *events, size_t word_count,
                      size_t pair_limit);

/* Fills folds, kept, peaks and the counts and instants from `word_count` words
 * of raw events. */
void mt_fold(const uint64_t *events, size_t word_count,
             struct mt_fold_scratch *scratch);

#endif
