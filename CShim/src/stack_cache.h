/* SPDX-License-Identifier: Apache-2.0
 *
 * The inner ends of stacks that a thread has captured before: from the door's
 * caller, under its (ip, sp), to a frame of the known stack (stack_memory.h),
 * with the words that led there. If these are unchanged, and that frame is
 * still in place, so is the whole stack, and its id: there is nothing to walk.
 * Programs allocate from the same few hundred places again and again.
 *
 *     keys[set * 4]   ip, sp: one cache line a set
 *     ends[set * 4]   where the words stand, what they hold, what they lead to
 */
#ifndef MT_STACK_CACHE_H
#define MT_STACK_CACHE_H

#include "attributes.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#define MT_STACK_CACHE_SET_COUNT 128u
#define MT_STACK_CACHE_WAY_COUNT 4u
#define MT_STACK_CACHE_SEEN_COUNT 2048u
/* Ends that lead over more words are walked each time. */
#define MT_STACK_CACHE_WORD_LIMIT 31u

/* Eight cache lines, of which a short end needs two. A JavaScript frame takes
 * two words, and twenty to thirty between an allocation and where stacks
 * branch off are nothing unusual. */
struct mt_stack_end {
    uintptr_t fp;
    uint32_t id;
    uint32_t outer_id;
    uintptr_t outer_fp;
    uint32_t outer_place; /* of the known frame's sp, in words from sp */
    /* The known frame that it ends at: the `outer_count`th from outside, if
     * that is the one; 0: this is a whole stack. */
    uint16_t outer_count;
    uint8_t word_count;
    bool needs_fp; /* else fp may be anything */
    /* In the order of the walk, so that each is known to be on the stack before
     * it is read; a frame's return address comes before its fp. */
    uintptr_t words[MT_STACK_CACHE_WORD_LIMIT];
    uint16_t places[MT_STACK_CACHE_WORD_LIMIT + 1]; /* from sp, in words; read
                                                       four at a time */
    uint32_t fp_words; /* which words are an fp; bit i for the ith */
    /* Not needed to see whether it holds: the ids of the callers that the words
     * lead to; with MT_END_NEEDS_FP. */
    uint32_t ids[MT_STACK_CACHE_WORD_LIMIT];
} __attribute__((aligned(64)));
#define MT_END_PLACE_LIMIT 0x10000u
#define MT_END_NEEDS_FP (1u << 31)

_Static_assert(sizeof(struct mt_stack_end) == 512, "eight cache lines");

struct mt_stack_cache {
    struct mt_stack_key {
        uintptr_t ip, sp; /* 0: free */
    } keys[MT_STACK_CACHE_SET_COUNT * MT_STACK_CACHE_WAY_COUNT];
    struct mt_stack_end
        ends[MT_STACK_CACHE_SET_COUNT * MT_STACK_CACHE_WAY_COUNT];
    uint32_t random;                          /* which is to be replaced */
    uint32_t seen[MT_STACK_CACHE_SEEN_COUNT]; /* ids of stacks walked lately */
};

/* Where the ways of (ip, sp) begin, and where those that found no room there
 * are: many stacks may share their (ip, sp). */
static inline uint32_t mt_stack_cache_set(uintptr_t ip, uintptr_t sp)
{
    return (uint32_t)((ip ^ sp << 20) * 0x9e3779b97f4a7c15u >> 57) *
           MT_STACK_CACHE_WAY_COUNT;
}

static inline uint32_t mt_stack_cache_second_set(uintptr_t ip, uintptr_t sp)
{
    return (uint32_t)((ip ^ sp << 20) * 0xc2b2ae3d27d4eb4fu >> 57) *
           MT_STACK_CACHE_WAY_COUNT;
}

_Static_assert(MT_STACK_CACHE_SET_COUNT == 1u << (64 - 57), "bits of the hash");
_Static_assert(MT_STACK_CACHE_WAY_COUNT == 4, "ways of two sets: three bits");

/* Whether the words of the end are what they were. */
static inline bool mt_stack_end_holds(const struct mt_stack_end *end,
                                      uintptr_t sp, uintptr_t fp)
{
    if (MT_UNLIKELY(end->needs_fp && end->fp != fp))
        return false;
    const uintptr_t *base = (const uintptr_t *)sp;
    const uint16_t *place = end->places;
    const uintptr_t *word = end->words;
    uint64_t four; /* places; a load for each would be one too many */
#define MT_END_IS_OTHER(i) (base[four >> 16 * (i)&0xffff] != word[i])
    uint32_t left = end->word_count;
    for (; left >= 4; left -= 4, place += 4, word += 4) {
        memcpy(&four, place, sizeof four);
        if (MT_END_IS_OTHER(0) || MT_END_IS_OTHER(1) || MT_END_IS_OTHER(2) ||
            MT_END_IS_OTHER(3))
            return false;
    }
    memcpy(&four, place, sizeof four);
    if (left & 2) {
        if (MT_END_IS_OTHER(0) || MT_END_IS_OTHER(1))
            return false;
        four >>= 32, word += 2;
    }
    return !(left & 1) || !MT_END_IS_OTHER(0);
#undef MT_END_IS_OTHER
}

#endif
