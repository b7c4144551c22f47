/* SPDX-License-Identifier: Apache-2.0
 *
 * See fold.h.
 */
#include "fold.h"

#include <string.h>

#define FUNCTION_MASK (MT_RAW_OWN_BIT - 1)

static unsigned function_of(const uint64_t *event)
{
    return (unsigned)(event[0] & FUNCTION_MASK);
}

static bool ends_something(unsigned function)
{
    return function & MT_FUNCTION_ENDS;
}

static bool is_mapping(unsigned function)
{
    return function == MT_MMAP || function == MT_MREMAP ||
           function == MT_MUNMAP || function == MT_MREMAP_UNMAP;
}

size_t mt_fold_event_word_count(const uint64_t *event)
{
    unsigned function = function_of(event);
    if (function == MT_MMAP || function == MT_MREMAP)
        return 4;
    if (function == MT_MUNMAP || function == MT_MREMAP_UNMAP)
        return 3;
    if (ends_something(function))
        return 2;
    return event[2] >> 32 == MT_RAW_SIZE_FOLLOWS ? 4 : 3;
}

uint64_t mt_fold_event_size(const uint64_t *event)
{
    unsigned function = function_of(event);
    if (is_mapping(function))
        return event[2];
    uint64_t size = event[2] >> 32;
    return size == MT_RAW_SIZE_FOLLOWS ? event[3] : size;
}

static uint32_t stack_of(const uint64_t *event)
{
    return (uint32_t)event[2];
}

/* Fibonacci hashing: blocks are 16 bytes apart, so the low bits say little. */
static uint32_t hash_of(uint64_t key)
{
    return (uint32_t)((key >> 4) * 0x9e3779b97f4a7c15u >> 32);
}

/* -------------------------------------------------------------- matching */

/* The slot that holds the block at `address`, or the free one where it would
 * go. An offset plus 1 is also where the event's address word stands. */
static uint32_t *block_slot(const struct mt_fold_scratch *scratch,
                            const uint64_t *events, uint64_t address)
{
    uint32_t i = hash_of(address) & scratch->block_mask;
    while (scratch->blocks[i] && events[scratch->blocks[i]] != address)
        i = (i + 1) & scratch->block_mask;
    return &scratch->blocks[i];
}

/* The sum that the block begun by `event` belongs to; NULL when there are too
 * many different ones, and the block then stays two events. */
static struct mt_fold *fold_for(struct mt_fold_scratch *scratch,
                                const uint64_t *event)
{
    uint32_t stack = stack_of(event);
    uint32_t function = function_of(event);
    uint32_t i = hash_of((uint64_t)stack << 9 | function << 4);
    for (i &= scratch->site_mask; scratch->sites[i];
         i = (i + 1) & scratch->site_mask) {
        struct mt_fold *fold = &scratch->folds[scratch->sites[i] - 1];
        if (fold->stack == stack && fold->function == function)
            return fold;
    }
    if (scratch->fold_count >= scratch->site_mask / 2)
        return NULL;
    scratch->sites[i] = ++scratch->fold_count;
    struct mt_fold *fold = &scratch->folds[scratch->fold_count - 1];
    *fold = (struct mt_fold){.stack = stack, .function = function};
    return fold;
}

/* A beginning that is kept whatever comes; cleared at the end. */
#define UNFOLDABLE UINT32_MAX

/* An address that was ended stays in its slot of `blocks`, with its beginning
 * marked, until a new block of that address replaces it: so the end of an
 * older block is not taken for the end of this one. */
static void begin_block(const uint64_t *events, size_t at,
                        struct mt_fold_scratch *scratch)
{
    const uint64_t *event = events + at;
    bool is_foldable = function_of(event) != MT_OWN &&
                       mt_fold_event_size(event) < MT_FOLD_BYTE_LIMIT;
    *block_slot(scratch, events, event[1]) = (uint32_t)at + 1;
    scratch->marks[at] = is_foldable ? 0 : UNFOLDABLE;
}

/* A kept end of a block that began here, for find_peaks. */
static void keep_end(const uint64_t *events, size_t begin, size_t at,
                     struct mt_fold_scratch *scratch)
{
    uint64_t size = mt_fold_event_size(events + begin);
    scratch->marks[begin] = UNFOLDABLE;
    if (function_of(events + begin) != MT_OWN && size < MT_FOLD_KEPT_END - 1)
        scratch->marks[at] = MT_FOLD_KEPT_END | (uint32_t)(size + 1);
}

/* Without MT_RAW_OWN_BIT the two need not belong together: meanwhile another
 * thread may have ended that block, been given the address again, and handed
 * the new block to this thread. */
static void end_block(const uint64_t *events, size_t at, size_t previous,
                      struct mt_fold_scratch *scratch)
{
    uint32_t slot = *block_slot(scratch, events, events[at + 1]);
    size_t begin = slot - 1u;
    if (!(events[at] & MT_RAW_OWN_BIT) || !slot)
        return;
    if (mt_fold_is_folded(scratch->marks[begin]) &&
        scratch->marks[begin] != UNFOLDABLE)
        return;
    struct mt_fold *fold =
        scratch->marks[begin] ? NULL : fold_for(scratch, events + begin);
    if (!fold) {
        keep_end(events, begin, at, scratch);
        return;
    }
    uint32_t size = (uint32_t)mt_fold_event_size(events + begin);
    fold->count++;
    fold->temporary_count += begin == previous;
    fold->total_bytes += size;
    scratch->marks[begin] = size + 1;
    scratch->marks[at] = size + 1;
}

static void match(const uint64_t *events, size_t word_count,
                  struct mt_fold_scratch *scratch)
{
    size_t previous = SIZE_MAX;
    for (size_t at = 0; at < word_count;) {
        unsigned function = function_of(events + at);
        if (is_mapping(function))
            ;
        else if (ends_something(function))
            end_block(events, at, previous, scratch);
        else
            begin_block(events, at, scratch);
        previous = at;
        at += mt_fold_event_word_count(events + at);
    }
    for (size_t at = 0; at < word_count; at++)
        if (scratch->marks[at] == UNFOLDABLE)
            scratch->marks[at] = 0;
}

/* ----------------------------------------------------------------- peaks */

/* Instants at which live bytes may be highest. Let K be what blocks kept that
 * began here hold, F what folded blocks hold, U what ends of older blocks took
 * away, which is unknown here. K + F - U is to be maximal, and U only grows:
 * so an instant matters only when its K + F is above that of all earlier ones,
 * and of several such between two unknown ends only the last. The reader knows
 * K and U; it needs F. */
static void find_peaks(const uint64_t *events, size_t word_count,
                       struct mt_fold_scratch *scratch)
{
    uint64_t kept = 0, folded = 0, highest = 0;
    struct mt_fold_peak candidate = {0, 0};
    for (size_t at = 0; at < word_count;) {
        const uint64_t *event = events + at;
        unsigned function = function_of(event);
        uint32_t mark = scratch->marks[at];
        if (is_mapping(function) || function == MT_OWN) {
            ; /* not heap bytes of the program's */
        } else if (!ends_something(function)) {
            *(mark ? &folded : &kept) += mt_fold_event_size(event);
            if (kept + folded > highest) {
                highest = kept + folded;
                candidate = (struct mt_fold_peak){at, folded};
            }
        } else if (mt_fold_is_folded(mark)) {
            folded -= mark - 1;
        } else if (mark) {
            kept -= (mark & ~MT_FOLD_KEPT_END) - 1;
        } else if (candidate.fold_bytes) {
            scratch->peaks[scratch->peak_count++] = candidate;
            candidate.fold_bytes = 0;
        }
        at += mt_fold_event_word_count(event);
    }
    if (candidate.fold_bytes)
        scratch->peaks[scratch->peak_count++] = candidate;
}

void mt_fold(const uint64_t *events, size_t word_count,
             struct mt_fold_scratch *scratch)
{
    match(events, word_count, scratch);
    find_peaks(events, word_count, scratch);
}
