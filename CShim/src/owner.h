/* SPDX-License-Identifier: Apache-2.0
 *
 * Who was given an address last, and where that stands in its window.
 *
 *     thread 1: begin X                                              end X
 *     thread 2:          end X   begin X (again)   hands X over
 *
 * A begin and an end by one thread are of one block only if nobody else was
 * given the address in between. So every begin leaves its window and its place
 * there in the word of its address, and an end by another thread wipes it out:
 *
 *   63            36 35   32 31     20 19      14 13                  0
 *   | address 46-19 | 4-1   | ordinal | sequence | words behind start |
 *
 * Bits 18 to 5 of the address follow from the place of the word; blocks of
 * glibc are at least 32 bytes apart, so neighbours have words of their own. A word that
 * names this thread's window says that whatever happened to the address last
 * was this thread's own doing. It is then enough to
 *
 *  - pair an end with the begin at that place, if the window has not been
 *    sealed since: the pair is folded without any search (fold.c);
 *  - read the clock without waiting for earlier loads (clock.h): there was no
 *    hand-over that the stamp could come before.
 *
 * Addresses that share a word overwrite each other: what is not certain is
 * treated as another thread's. Relaxed is enough: who ends X got it from who
 * began it, and that hand-over orders the two accesses.
 */
#ifndef MT_OWNER_H
#define MT_OWNER_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#define MT_OWNER_WORD_COUNT 16384u /* 128 KiB */
/* The place of a block whose end is to be an event of its own. */
#define MT_OWNER_NO_PLACE 0x3fffu
/* Windows beyond this have no owner's mark, and blocks are not folded there. */
#define MT_OWNER_ORDINAL_LIMIT 0xffeu

extern _Atomic uint64_t mt_owner_words[MT_OWNER_WORD_COUNT];

/* Has the words there, which every thread will need all of. */
void mt_owner_begin(void);

/* Forgets whose every address is: blocks that live now end in events of their
 * own and are not folded away, so that they are seen to live at this instant.
 * Takes some microseconds. */
void mt_owner_forget(void);

/* Blocks of one thread lie close together, and so do their words: threads do
 * not fight for cache lines as they would over a scrambling hash. What the words
 * have room for, half a MiB, begins at a place of its own each time, so that
 * blocks of several threads do not meet either: the arenas that glibc gives
 * them are multiples of 64 MiB apart and filled from their starts. The factor
 * keeps eight of them 44 KiB from each other, and sixteen 16 KiB (found by
 * trying all). */
#define MT_OWNER_SPREAD 15733u

static inline _Atomic uint64_t *mt_owner_word(const void *block)
{
    uintptr_t address = (uintptr_t)block;
    return &mt_owner_words[((address >> 5) +
                            (address >> 19) * MT_OWNER_SPREAD) %
                           MT_OWNER_WORD_COUNT];
}

/* The address's part of its word; no allocator gives an odd one. */
static inline uint64_t mt_owner_tag(const void *block)
{
    uint64_t address = (uint64_t)(uintptr_t)block;
    return address >> 19 << 36 | (address >> 1 & 15) << 32;
}

/* The word is needed in a moment, and the table is larger than caches near the
 * processor. */
static inline void mt_owner_prefetch(const void *block)
{
    __builtin_prefetch((const void *)mt_owner_word(block), 1);
}

/* So may be, soon, those of the blocks behind this one. */
static inline void mt_owner_prefetch_next(const _Atomic uint64_t *word)
{
    __builtin_prefetch((const void *)(word + 64 / sizeof *word), 1);
}

/* The window's part; 0 stands for nobody. */
static inline uint32_t mt_owner_window(uint32_t ordinal, uint64_t sequence)
{
    return ordinal > MT_OWNER_ORDINAL_LIMIT
               ? 0
               : ordinal << 20 | ((uint32_t)sequence & 63) << 14;
}

/* ---------------------------------------------------------------- regions
 *
 * A block that lives long has lost its word to another when it ends, and an
 * address that is new to its word may have been anybody's. So every 16 KiB of
 * the address space have a word of their own, which says whether one thread
 * alone has begun and ended blocks there so far. That thread, too, needs not
 * wait: had another had the address, it would have marked the region before it
 * handed the address on.
 *
 *   31 29 28             12 11      0
 *   | 0  | address 46-30   | ordinal |     0: nobody yet; 0xfff: several
 *
 * A slot keeps the region that had it first; regions that share it are taken
 * to be several threads'. A thread whose window has no ordinal is "several". */
#define MT_REGION_COUNT 65536u /* 256 KiB */
#define MT_REGION_SHARED 0xfffu

extern _Atomic uint32_t mt_owner_regions[MT_REGION_COUNT];

static inline _Atomic uint32_t *mt_owner_region_word(const void *block)
{
    uintptr_t address = (uintptr_t)block;
    return &mt_owner_regions[(address >> 14 ^ address >> 30) % MT_REGION_COUNT];
}

/* What stands there while the region is that of the thread of `window`. */
static inline uint32_t mt_owner_region_mark(const void *block, uint32_t window)
{
    return (uint32_t)((uintptr_t)block >> 30) << 12 |
           (window ? window >> 20 : MT_REGION_SHARED);
}

/* Marks the region of `block`; whether the thread of `window` is the only one
 * that ever had blocks there. */
static inline bool mt_owner_has_region(const void *block, uint32_t window)
{
    _Atomic uint32_t *region = mt_owner_region_word(block);
    uint32_t mine = mt_owner_region_mark(block, window);
    uint32_t shared = mt_owner_region_mark(block, 0);
    uint32_t seen = atomic_load_explicit(region, memory_order_relaxed);
    if (!seen && atomic_compare_exchange_strong_explicit(region, &seen, mine,
                                                         memory_order_relaxed,
                                                         memory_order_relaxed))
        return window;
    if (seen == mine)
        return window;
    if ((seen ^ mine) < MT_REGION_SHARED + 1 && seen != shared)
        atomic_store_explicit(region, shared, memory_order_relaxed);
    return false;
}

/* The region that a thread has found to be its own last. */
struct mt_owner_region {
    uint64_t number; /* address / 16 KiB; 0: none */
    const _Atomic uint32_t *word;
    uint32_t mine; /* what stands there as long as it is */
};

/* The same for the thread that `last` is of, which nearly always is where it
 * was the last time. */
static inline bool mt_owner_has_region_again(const void *block, uint32_t window,
                                             struct mt_owner_region *last)
{
    uintptr_t address = (uintptr_t)block;
    if (last->number == address >> 14 &&
        atomic_load_explicit(last->word, memory_order_relaxed) == last->mine)
        return true;
    if (!mt_owner_has_region(block, window))
        return false;
    last->number = address >> 14;
    last->word = mt_owner_region_word(block);
    last->mine = mt_owner_region_mark(block, window);
    return true;
}

/* What the word of an address says, seen from the thread of `window`: where in
 * its present window the address's block begins, in words; MT_OWNER_NO_PLACE if
 * it does not, or not for certain. */
static inline uint32_t mt_owner_place(uint64_t word, uint64_t tag,
                                      uint32_t window)
{
    uint64_t difference = word ^ (tag | window);
    return difference >= MT_OWNER_NO_PLACE || !window ? MT_OWNER_NO_PLACE
                                                      : (uint32_t)difference;
}

/* Whether it is not certain that the thread itself was the last. */
static inline bool mt_owner_is_other(uint64_t word, uint64_t tag,
                                     uint32_t window)
{
    return (word ^ (tag | window)) >> 20 || !window;
}

#endif
