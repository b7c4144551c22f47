/* SPDX-License-Identifier: Apache-2.0
 *
 * Who was given an address last. A begin and an end in one window are one
 * block only if no other thread was given the address in between:
 *
 *     thread 1: begin X                                              end X
 *     thread 2:          end X   begin X (again)   hands X over
 *
 * Every begin stores its window in the word of its address; an end is the
 * window's own if the word is still there. Addresses that share a word, or a
 * thread that came later, make it "not certain", and the pair stays two
 * events. Relaxed is enough: whoever ends X got it from whoever began it, and
 * that hand-over orders the two accesses.
 */
#ifndef MT_OWNER_H
#define MT_OWNER_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#define MT_OWNER_WORD_COUNT 65536u
#define MT_OWNER_NOBODY 0u

/* address | window << 48 */
extern _Atomic uint64_t mt_owner_words[MT_OWNER_WORD_COUNT];

/* Blocks of one thread lie close together, and so do their words: threads do
 * not fight for cache lines as they would over a scrambling hash. */
static inline _Atomic uint64_t *mt_owner_word(const void *block)
{
    uintptr_t address = (uintptr_t)block;
    return &mt_owner_words[(address >> 4 ^ address >> 22) %
                           MT_OWNER_WORD_COUNT];
}

static inline uint64_t mt_owner_value(const void *block, uint32_t window)
{
    return (uint64_t)(uintptr_t)block | (uint64_t)window << 48;
}

static inline void mt_owner_set(const void *block, uint32_t window)
{
    /* Windows beyond 16 bits are nobody's: their blocks are not folded. */
    atomic_store_explicit(
        mt_owner_word(block),
        mt_owner_value(block, window >> 16 ? MT_OWNER_NOBODY : window),
        memory_order_relaxed);
}

static inline bool mt_owner_is(const void *block, uint32_t window)
{
    return !(window >> 16) &&
           atomic_load_explicit(mt_owner_word(block), memory_order_relaxed) ==
               mt_owner_value(block, window);
}

#endif
