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

/* Where the sums of the stacks are; a copy that the compiler keeps apart from
 * what they are written to. */
struct sums {
    uint32_t *sites;
    struct mt_fold *folds;
    uint32_t site_mask, count;
};

/* Of a begin that is paired: a huge one is not. */
static inline uint64_t paired_size(const uint64_t *begin)
{
    return begin[2] >> 32;
}

static inline uint32_t hash_of(uint32_t stack, unsigned function)
{
    return (stack ^ function << 27) * 0x9e3779b1u >> 12;
}

/* The sum that the block begun by `begin` belongs to. */
static inline struct mt_fold *fold_for(struct sums *sums, const uint64_t *begin,
                                       unsigned function)
{
    uint32_t stack = (uint32_t)begin[2];
    uint32_t i = hash_of(stack, function) & sums->site_mask;
    for (; sums->sites[i]; i = (i + 1) & sums->site_mask) {
        struct mt_fold *fold = &sums->folds[sums->sites[i] - 1];
        if (MT_LIKELY(fold->stack == stack && fold->function == function))
            return fold;
    }
    struct mt_fold *fold = &sums->folds[sums->count++];
    sums->sites[i] = sums->count;
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
    uint64_t held, kept; /* K + F, and K */
    uint64_t highest;    /* K + F until now */
    const uint64_t *candidate;
    uint64_t fold_bytes; /* F at the candidate; 0: there is none */
};

static inline void consider(struct peak_search *search, const uint64_t *event)
{
    if (search->held > search->highest) {
        search->highest = search->held;
        search->candidate = event;
        search->fold_bytes = search->held - search->kept;
    }
}

static inline struct mt_fold_peak *settle(struct peak_search *search,
                                          const uint64_t *events,
                                          struct mt_fold_peak *peak)
{
    if (MT_UNLIKELY(search->fold_bytes)) {
        *peak++ = (struct mt_fold_peak){(uint32_t)(search->candidate - events),
                                        search->fold_bytes};
        search->fold_bytes = 0;
    }
    return peak;
}

/* ------------------------------------------------------------------- runs */

/* How many events, that at `event` included, are a run; each has `word_count`
 * words: 2 ends a block, 3 begins one. Loops that build or take down a list of
 * equal blocks make long ones. */
static MT_INLINE size_t run_at(const uint64_t *event, const uint64_t *end,
                               size_t word_count)
{
    const uint64_t *next = event + word_count;
    if (next + word_count > end || MT_LIKELY(next[0] != event[0]))
        return 1;
    uint64_t step = next[1] - event[1], address = event[1];
    size_t count = 0;
    do {
        if (next[1] - address != step ||
            (word_count == 3 && next[2] != event[2]))
            break;
        address = next[1];
        next += word_count;
        count++;
    } while (next + word_count <= end && next[0] == event[0]);
    return count + 1;
}

/* ------------------------------------------------------------- the pass */

/* What the pass has found so far. */
struct pass {
    const uint64_t *events, *end;
    const uint64_t *previous; /* the event before; or NULL */
    uint64_t last_begun;      /* the address that it began; or 0 */
    struct sums sums;
    struct mt_fold *last_fold; /* of the newest begin that is folded */
    struct peak_search search;
    struct mt_fold_kept *kept;
    struct mt_fold_peak *peak;
    uint64_t first_ticks, last_ticks;
    uint32_t event_count; /* in what is kept */
};

static inline void note_ticks(struct pass *pass, const uint64_t *event)
{
    uint64_t ticks = event[0] >> MT_RAW_FUNCTION_BITS;
    if (ticks < pass->first_ticks)
        pass->first_ticks = ticks;
    if (ticks > pass->last_ticks)
        pass->last_ticks = ticks;
}

/* Folds all that is paired from `event` on; returns where something else stands.
 * A block joins its sum where it begins, which is nearer than its begin is to
 * its end: at the end its size alone is needed. A loop and a function by itself,
 * so that its state is in registers. */
static __attribute__((noinline)) const uint64_t *
fold_pairs(struct pass *pass, const uint64_t *event)
{
    const uint64_t *events = pass->events, *end = pass->end;
    const uint64_t *previous = pass->previous, *first_begin = NULL;
    const uint64_t *last_begin = pass->events;
    struct sums sums = pass->sums;
    struct mt_fold *fold = pass->last_fold;
    struct peak_search search = pass->search;
    do {
        uint64_t first = event[0];
        if (!(first & MT_RAW_PAIRED_BIT))
            break;
        if (first & MT_FUNCTION_ENDS) {
            const uint64_t *begin = events + (first >> MT_RAW_FUNCTION_BITS);
            search.held -= paired_size(begin);
            if (begin == previous)
                fold->temporary_count++;
            previous = event++;
            continue;
        }
        fold = fold_for(&sums, event, first & FUNCTION_MASK);
        fold->count++;
        fold->total_bytes += paired_size(event);
        search.held += paired_size(event);
        consider(&search, event);
        first_begin = first_begin ? first_begin : event;
        previous = last_begin = event;
        event += 3;
    } while (event < end);
    pass->sums.count = sums.count;
    pass->last_fold = fold;
    pass->search = search;
    pass->previous = previous;
    pass->last_begun = previous == last_begin ? previous[1] : 0;
    if (first_begin) {
        /* What begins is not older than what stands before it. */
        note_ticks(pass, first_begin);
        note_ticks(pass, last_begin);
    }
    return event;
}

static inline void keep(struct pass *pass, const uint64_t *event, size_t count,
                        bool is_temporary)
{
    *pass->kept++ = (struct mt_fold_kept){
        .at = (uint32_t)(event - pass->events),
        .count = (uint32_t)count & INT32_MAX,
        .is_temporary = is_temporary,
    };
    pass->event_count += (uint32_t)count;
    note_ticks(pass, event);
}

/* Of these two each keeps one event, or a run; returns what stands behind. */
static inline const uint64_t *keep_begins(struct pass *pass,
                                          const uint64_t *event)
{
    uint64_t size = mt_fold_block_size(event);
    bool is_huge = size >= MT_RAW_SIZE_FOLLOWS;
    size_t count = is_huge ? 1 : run_at(event, pass->end, 3);
    keep(pass, event, count, false);
    if (MT_LIKELY(function_of(event) != MT_OWN)) {
        pass->search.held += size * count;
        pass->search.kept += size * count;
    }
    const uint64_t *last = event + 3 * (count - 1);
    consider(&pass->search, last); /* within a run it only rises */
    pass->previous = last;
    pass->last_begun = last[1];
    return last + (is_huge ? 4 : 3);
}

static inline const uint64_t *keep_ends(struct pass *pass,
                                        const uint64_t *event)
{
    bool is_temporary = event[1] == pass->last_begun;
    size_t count = is_temporary ? 1 : run_at(event, pass->end, 2);
    keep(pass, event, count, is_temporary);
    pass->peak = settle(&pass->search, pass->events, pass->peak);
    pass->previous = event + 2 * (count - 1);
    pass->last_begun = 0;
    return event + 2 * count;
}

static inline const uint64_t *keep_mapping(struct pass *pass,
                                           const uint64_t *event)
{
    keep(pass, event, 1, false);
    pass->previous = event;
    pass->last_begun = 0;
    return event + (function_of(event) & MT_FUNCTION_ENDS ? 3 : 4);
}

void mt_fold(const uint64_t *events, size_t word_count,
             struct mt_fold_scratch *scratch)
{
    struct pass pass = {
        .events = events,
        .end = events + word_count,
        .last_begun = scratch->last_begun,
        .sums = {scratch->sites, scratch->folds, scratch->site_mask,
                 scratch->fold_count},
        .kept = scratch->kept,
        .peak = scratch->peaks,
        .first_ticks = UINT64_MAX,
    };
    for (const uint64_t *event = events; event < pass.end;) {
        if (event[0] & MT_RAW_PAIRED_BIT)
            event = fold_pairs(&pass, event);
        else if (MT_UNLIKELY(mt_fold_is_mapping(function_of(event))))
            event = keep_mapping(&pass, event);
        else if (event[0] & MT_FUNCTION_ENDS)
            event = keep_ends(&pass, event);
        else
            event = keep_begins(&pass, event);
    }
    pass.peak = settle(&pass.search, events, pass.peak);
    scratch->fold_count = pass.sums.count;
    scratch->kept_count = (uint32_t)(pass.kept - scratch->kept);
    scratch->event_count = pass.event_count;
    scratch->peak_count = (uint32_t)(pass.peak - scratch->peaks);
    scratch->first_ticks = pass.first_ticks;
    scratch->last_ticks = pass.last_ticks;
    scratch->last_begun = pass.last_begun;
}

/* ------------------------------------------------------------- soundness */

/* How many words an event has that stands by itself. */
static size_t word_count_of(const uint64_t *event, size_t left)
{
    unsigned function = function_of(event);
    if (mt_fold_is_mapping(function))
        return function & MT_FUNCTION_ENDS ? 3 : 4;
    if (function & MT_FUNCTION_ENDS)
        return 2;
    return left > 2 && event[2] >> 32 == MT_RAW_SIZE_FOLLOWS ? 4 : 3;
}

static bool is_paired_begin(const uint64_t *event)
{
    return (event[0] & (MT_RAW_PAIRED_BIT | MT_FUNCTION_ENDS)) ==
           MT_RAW_PAIRED_BIT;
}

bool mt_fold_is_sound(const uint64_t *events, size_t word_count,
                      size_t pair_limit)
{
    size_t pair_count = 0;
    for (size_t at = 0; at < word_count;) {
        const uint64_t *event = events + at;
        uint64_t first = event[0];
        unsigned function = function_of(event);
        if (function == MT_RUN || function == MT_FOLD_PEAK)
            return false;
        if (first & MT_RAW_PAIRED_BIT && function & MT_FUNCTION_ENDS) {
            uint64_t begin = first >> MT_RAW_FUNCTION_BITS;
            if (begin + 3 > at || !is_paired_begin(events + begin))
                return false;
            at++;
            continue;
        }
        pair_count += is_paired_begin(event);
        at +=
            is_paired_begin(event) ? 3 : word_count_of(event, word_count - at);
        if (at > word_count || pair_count > pair_limit)
            return false;
    }
    return true;
}
