/* SPDX-License-Identifier: Apache-2.0
 *
 * See fold.h. One pass: the pairs were found when their ends were written
 * (record.c), and are marked.
 */
#include "fold.h"

#define FUNCTION_MASK (MT_RAW_PAIRED_BIT - 1)

static inline unsigned function_of(const uint64_t *event)
{
    return (unsigned)(event[0] & FUNCTION_MASK);
}

/* ------------------------------------------------------------------ sums */

static inline uint32_t hash_of(uint32_t stack, unsigned function)
{
    return (stack ^ function << 27) * 0x9e3779b1u >> 12;
}

/* The sum that the block begun by `begin` belongs to. */
static inline struct mt_fold *fold_for(struct mt_fold_scratch *scratch,
                                       const uint64_t *begin)
{
    uint32_t stack = (uint32_t)begin[2];
    uint32_t function = function_of(begin);
    uint32_t *sites = scratch->sites;
    struct mt_fold *folds = scratch->folds;
    uint32_t i = hash_of(stack, function) & scratch->site_mask;
    for (; sites[i]; i = (i + 1) & scratch->site_mask) {
        struct mt_fold *fold = &folds[sites[i] - 1];
        if (MT_LIKELY(fold->stack == stack && fold->function == function))
            return fold;
    }
    struct mt_fold *fold = &folds[scratch->fold_count++];
    sites[i] = scratch->fold_count;
    *fold = (struct mt_fold){.stack = stack, .function = function};
    return fold;
}

/* ----------------------------------------------------------------- peaks */

/* Instants at which live bytes may be highest. Let K be what blocks kept that
 * began here hold, F what folded blocks hold, U what kept ends took away,
 * which is unknown here. K + F - U is to be maximal, and U only grows: so an
 * instant matters only when its K + F is above that of all earlier ones, and
 * of several such between two kept ends only the last. The reader knows K and
 * U; it needs F. */
struct peak_search {
    uint64_t kept, folded, highest;
    struct mt_fold_peak candidate;
};

static inline void consider(struct peak_search *search, size_t at)
{
    if (search->kept + search->folded > search->highest) {
        search->highest = search->kept + search->folded;
        search->candidate = (struct mt_fold_peak){(uint32_t)at, search->folded};
    }
}

static inline struct mt_fold_peak *settle(struct peak_search *search,
                                          struct mt_fold_peak *peak)
{
    if (MT_UNLIKELY(search->candidate.fold_bytes)) {
        *peak++ = search->candidate;
        search->candidate.fold_bytes = 0;
    }
    return peak;
}

/* ------------------------------------------------------------- the pass */

/* A block joins its sum where it begins, which is nearer than its begin is to
 * its end: at the end its size alone is needed. */
void mt_fold(const uint64_t *events, size_t word_count,
             struct mt_fold_scratch *scratch)
{
    struct peak_search search = {0};
    struct mt_fold *last_fold = NULL; /* of the newest begin that is folded */
    uint64_t first_ticks = UINT64_MAX, last_ticks = 0;
    uint64_t last_begun = scratch->last_begun;
    size_t previous = SIZE_MAX;
    /* Not through `scratch`: each store might change it, to the compiler. */
    struct mt_fold_kept *kept = scratch->kept;
    struct mt_fold_peak *peak = scratch->peaks;
    for (size_t at = 0; at < word_count;) {
        const uint64_t *event = events + at;
        uint64_t first = event[0];
        uint64_t ticks = first >> MT_RAW_FUNCTION_BITS;
        if ((first & (MT_FUNCTION_ENDS | MT_RAW_PAIRED_BIT)) ==
            (MT_FUNCTION_ENDS | MT_RAW_PAIRED_BIT)) {
            search.folded -= mt_fold_block_size(events + ticks);
            if (ticks == previous)
                last_fold->temporary_count++;
            last_begun = 0;
            previous = at++;
            continue;
        }
        first_ticks = ticks < first_ticks ? ticks : first_ticks;
        last_ticks = ticks > last_ticks ? ticks : last_ticks;
        unsigned function = first & FUNCTION_MASK;
        previous = at;
        if (first & MT_RAW_PAIRED_BIT) {
            uint64_t size = mt_fold_block_size(event);
            last_fold = fold_for(scratch, event);
            last_fold->count++;
            last_fold->total_bytes += size;
            search.folded += size;
            consider(&search, at);
            last_begun = event[1];
            at += size >= MT_RAW_SIZE_FOLLOWS ? 4 : 3;
        } else if (MT_UNLIKELY(mt_fold_is_mapping(function))) {
            *kept++ = (struct mt_fold_kept){(uint32_t)at, false};
            last_begun = 0;
            at += function & MT_FUNCTION_ENDS ? 3 : 4;
        } else if (function & MT_FUNCTION_ENDS) {
            *kept++ =
                (struct mt_fold_kept){(uint32_t)at, event[1] == last_begun};
            peak = settle(&search, peak);
            last_begun = 0;
            at += 2;
        } else {
            uint64_t size = mt_fold_block_size(event);
            *kept++ = (struct mt_fold_kept){(uint32_t)at, false};
            if (MT_LIKELY(function != MT_OWN))
                search.kept += size;
            consider(&search, at);
            last_begun = event[1];
            at += size >= MT_RAW_SIZE_FOLLOWS ? 4 : 3;
        }
    }
    peak = settle(&search, peak);
    scratch->kept_count = (uint32_t)(kept - scratch->kept);
    scratch->peak_count = (uint32_t)(peak - scratch->peaks);
    scratch->first_ticks = first_ticks;
    scratch->last_ticks = last_ticks;
    scratch->last_begun = last_begun;
}
