/* SPDX-License-Identifier: Apache-2.0
 *
 * What a thread remembers of stacks: its last one, with what must be unchanged
 * for it to hold, and small caches in front of the tables that all threads
 * share. A thread's own; never looked at by another.
 */
#ifndef MT_STACK_MEMORY_H
#define MT_STACK_MEMORY_H

#include "attributes.h"
#include "frame_rule.h"
#include "stack_bounds.h"
#include "stack_cache.h"
#include "stack_table.h"

#include <stdbool.h>
#include <stdint.h>

/* ------------------------------------------------------------ the stack */

/* A frame of this walk: how it led to its caller. */
struct mt_fresh_frame {
    uintptr_t ip, sp, fp;
    const uintptr_t *ip_slot; /* NULL: the rule says it is the outermost */
    const uintptr_t *fp_slot; /* NULL: fp passes unchanged */
    bool is_exact;            /* ip is where a signal struck */
    bool is_opaque;           /* libunwind found its caller: no slots tell */
    bool uses_fp;             /* its caller's place was found by fp */
    uint32_t hash;            /* see mt_stack_table_announce */
};

/* A frame of the last stack. */
struct mt_known_frame {
    uintptr_t ip, sp, fp;
    uint32_t id; /* of the stack from here outwards */
    /* Its checks end here, those of its caller where they begin. */
    uint32_t check_end : 30;
    uint32_t is_exact : 1;
    /* Whether fp decides about a caller; where not, it may be anything, as it
     * is in code that uses the register for its own purposes. */
    uint32_t needs_fp : 1;
};

/* A word of the stack that led outwards. */
struct mt_stack_check {
    const uintptr_t *slot;
    uintptr_t expected;
};

/* ---------------------------------------------------------------- rules */

#define MT_RULE_CACHE_SIZE 1024u

struct mt_cached_rule {
    uint64_t key; /* mt_frame_rule_key; 0: free */
    uint64_t rule;
};

struct mt_stack_memory {
    uint32_t depth_limit;
    uint32_t epoch;
    uint32_t known_count;
    uint32_t kept_count; /* of these, the outer ones that the last walk did not
                            have to walk */
    struct mt_stack_bounds bounds;
    struct mt_known_frame *known;  /* known[0] is the outermost */
    struct mt_stack_check *checks; /* in the same order */
    struct mt_fresh_frame *fresh;  /* of this walk, innermost first */
    uint8_t *exact;                /* bits, for the unwinder */
    struct mt_cached_rule rules[MT_RULE_CACHE_SIZE];
    /* The end that was found since the last walk; or NULL. */
    const struct mt_stack_end *found;
    struct mt_stack_cache cache;
};

/* NULL without memory. */
struct mt_stack_memory *mt_stack_memory_new(uint32_t depth_limit);
void mt_stack_memory_delete(struct mt_stack_memory *memory);

/* Forgets all stacks: they are another thread's, or of another epoch. */
void mt_stack_memory_forget(struct mt_stack_memory *memory);

static inline uint64_t mt_stack_memory_rule(struct mt_stack_memory *memory,
                                            uintptr_t ip)
{
    uint64_t key = mt_frame_rule_key(ip, memory->epoch);
    struct mt_cached_rule *cached =
        &memory->rules[ip * 0x9e3779b97f4a7c15u >> 54];
    if (MT_UNLIKELY(cached->key != key)) {
        uint64_t rule = mt_frame_rule_of(ip, memory->epoch);
        *cached = (struct mt_cached_rule){key, rule};
    }
    return cached->rule;
}

_Static_assert(MT_RULE_CACHE_SIZE == 1u << (64 - 54), "bits of the hash");

/* ---------------------------------------------------------------- tier 0 */

#define MT_ALL_HOLD UINT32_MAX

/* The outermost known frame, from `index` outwards, that certainly is on the
 * stack, where `changed` is the innermost check that does not hold. */
uint32_t mt_stack_memory_certain(const struct mt_stack_memory *memory,
                                 uint32_t index,
                                 const struct mt_stack_check *changed);

/* Given that known frame `index` is on the stack now: MT_ALL_HOLD when all
 * frames outside it are too, as every word that led to them is unchanged;
 * else the outermost one that certainly is. Words are read in the order of
 * the walk, so each is known to be on the stack before it is read. Eight at a
 * time: the branches of a loop would take the place of the program's own in
 * the processor's memory of branches. */
static inline uint32_t
mt_stack_memory_holds(const struct mt_stack_memory *memory, uint32_t index)
{
    const struct mt_stack_check *first = memory->checks;
    const struct mt_stack_check *check = first + memory->known[index].check_end;
#define MT_CHECK(i)                                         \
    if (MT_UNLIKELY(*check[-i].slot != check[-i].expected)) \
    return mt_stack_memory_certain(memory, index, check - i)
    for (; check - first >= 8; check -= 8) {
        MT_CHECK(1);
        MT_CHECK(2);
        MT_CHECK(3);
        MT_CHECK(4);
        MT_CHECK(5);
        MT_CHECK(6);
        MT_CHECK(7);
        MT_CHECK(8);
    }
    if ((check - first) & 4) {
        MT_CHECK(1);
        MT_CHECK(2);
        MT_CHECK(3);
        MT_CHECK(4);
        check -= 4;
    }
    if ((check - first) & 2) {
        MT_CHECK(1);
        MT_CHECK(2);
        check -= 2;
    }
    if ((check - first) & 1)
        MT_CHECK(1);
#undef MT_CHECK
    return MT_ALL_HOLD;
}

/* The id of the known stack if it is the one at (ip, sp, fp), else 0. */
static inline uint32_t
mt_stack_memory_same(const struct mt_stack_memory *memory, uintptr_t ip,
                     uintptr_t sp, uintptr_t fp)
{
    if (MT_UNLIKELY(!memory->known_count))
        return 0;
    const struct mt_known_frame *leaf = &memory->known[memory->known_count - 1];
    bool is_same =
        leaf->sp == sp && leaf->ip == ip &&
        (!leaf->needs_fp || leaf->fp == fp) &&
        mt_stack_memory_holds(memory, memory->known_count - 1) == MT_ALL_HOLD;
    return is_same ? leaf->id : 0;
}

/* Puts fresh[0..count) (innermost first) in front of the `kept` outermost known
 * frames; `parent` is the id of what they hang from. Returns the innermost's
 * id, 0 when the trie has no room. */
uint32_t mt_stack_memory_remember(struct mt_stack_memory *memory, uint32_t kept,
                                  uint32_t count, uint32_t parent);

/* ----------------------------------------------------------------- cache */

/* Enters what the last walk found into the cache. */
void mt_stack_memory_cache(struct mt_stack_memory *memory);

/* Whether the known frame that the end leads to is there, and holds. */
static inline bool mt_stack_memory_goes_on(const struct mt_stack_memory *memory,
                                           const struct mt_stack_end *end,
                                           uintptr_t sp)
{
    if (!end->outer_count)
        return true;
    if (end->outer_count > memory->known_count)
        return false;
    const struct mt_known_frame *outer = &memory->known[end->outer_count - 1];
    return outer->id == end->outer_id &&
           outer->sp == sp + end->outer_place * sizeof(uintptr_t) &&
           (!outer->needs_fp || outer->fp == end->outer_fp) &&
           mt_stack_memory_holds(memory, end->outer_count - 1u) == MT_ALL_HOLD;
}

/* Makes the stack that was found last the known one, before a walk. */
void mt_stack_memory_recall(struct mt_stack_memory *memory);

/* The id of the stack whose innermost frame is (ip, sp, fp), or 0 when it is to
 * be walked. */
static inline uint32_t mt_stack_memory_find(struct mt_stack_memory *memory,
                                            uintptr_t ip, uintptr_t sp,
                                            uintptr_t fp)
{
    const struct mt_stack_cache *cache = &memory->cache;
    uint32_t place = mt_stack_cache_set(ip, sp);
    const struct mt_stack_end *end;
    for (uint32_t i = 0; i < MT_STACK_CACHE_WAY_COUNT; i++)
        if (cache->keys[place + i].sp == sp &&
            cache->keys[place + i].ip == ip) {
            end = &cache->ends[place + i];
            if (MT_LIKELY(mt_stack_end_holds(end, sp, fp) &&
                          mt_stack_memory_goes_on(memory, end, sp)))
                goto found;
        }
    place = mt_stack_cache_second_set(ip, sp);
    for (uint32_t i = 0; i < MT_STACK_CACHE_WAY_COUNT; i++)
        if (cache->keys[place + i].sp == sp &&
            cache->keys[place + i].ip == ip) {
            end = &cache->ends[place + i];
            if (mt_stack_end_holds(end, sp, fp) &&
                mt_stack_memory_goes_on(memory, end, sp))
                goto found;
        }
    return 0;
found:
    memory->found = end;
    return end->id;
}

/* Either way to know the stack at (ip, sp, fp) without a walk; or 0. */
static MT_INLINE uint32_t mt_stack_memory_seek(struct mt_stack_memory *memory,
                                               uintptr_t ip, uintptr_t sp,
                                               uintptr_t fp)
{
    uint32_t id = mt_stack_memory_same(memory, ip, sp, fp);
    return id ? id : mt_stack_memory_find(memory, ip, sp, fp);
}

#endif
