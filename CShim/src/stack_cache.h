/* SPDX-License-Identifier: Apache-2.0
 *
 * The inner ends of stacks that a thread has captured before: from the door's
 * caller, under its (ip, sp), to a frame of the known stack (stack_memory.h),
 * with the words that led there. If these are unchanged, and that frame is
 * still in place, so is the whole stack, and its id: there is nothing to walk.
 * Programs allocate from the same few hundred places again and again.
 *
 *     keys[set][4]   ip, sp: one cache line a set
 *     ends[set][4]   where the words stand, what they hold, what they lead to
 */
#ifndef MT_STACK_CACHE_H
#define MT_STACK_CACHE_H

#include "attributes.h"

#include <stdbool.h>
#include <stdint.h>

#define MT_STACK_CACHE_SET_COUNT 128u
#define MT_STACK_CACHE_WAY_COUNT 4u
#define MT_STACK_CACHE_SEEN_COUNT 2048u
/* Ends that lead over more words are walked each time. */
#define MT_STACK_CACHE_WORD_LIMIT 16u

struct mt_stack_end {
    uintptr_t fp;
    uint32_t id;
    uint8_t word_count;
    bool needs_fp; /* else fp may be anything */
    /* The known frame that it ends at: the `outer_count`th from outside, if
     * that is the one; 0: this is a whole stack. */
    uint16_t outer_count;
    uint32_t outer_id;
    /* Where the words stand, from sp, in words; with MT_END_FP. In the order of
     * the walk, so that each is known to be on the stack before it is read; a
     * frame's return address comes before its fp. */
    uint16_t places[MT_STACK_CACHE_WORD_LIMIT];
    uintptr_t outer_sp, outer_fp;
    uintptr_t words[MT_STACK_CACHE_WORD_LIMIT];
    /* Not needed to see whether it holds: the ids of the callers that the words
     * lead to, without the known frame; with MT_END_NEEDS_FP. */
    uint32_t ids[MT_STACK_CACHE_WORD_LIMIT];
};
#define MT_END_FP 0x8000u /* the word is an fp, else a return address */
#define MT_END_NEEDS_FP (1u << 31)

struct mt_stack_cache {
    struct mt_stack_key {
        uintptr_t ip, sp; /* 0: free */
    } keys[MT_STACK_CACHE_SET_COUNT][MT_STACK_CACHE_WAY_COUNT];
    struct mt_stack_end ends[MT_STACK_CACHE_SET_COUNT]
                            [MT_STACK_CACHE_WAY_COUNT];
    uint32_t next_way;                        /* to be replaced */
    uint32_t seen[MT_STACK_CACHE_SEEN_COUNT]; /* ids of stacks walked lately */
};

static inline uint32_t mt_stack_cache_set(uintptr_t ip, uintptr_t sp)
{
    return (uint32_t)((ip ^ sp << 7) * 0x9e3779b97f4a7c15u >> 40) %
           MT_STACK_CACHE_SET_COUNT;
}

/* Whether the words of the end are what they were. */
static inline bool mt_stack_end_holds(const struct mt_stack_end *end,
                                      uintptr_t sp, uintptr_t fp)
{
    if (end->needs_fp && end->fp != fp)
        return false;
    const uintptr_t *base = (const uintptr_t *)sp;
    for (uint32_t i = 0; i < end->word_count; i++)
        if (base[end->places[i] & (MT_END_FP - 1)] != end->words[i])
            return false;
    return true;
}

#endif
