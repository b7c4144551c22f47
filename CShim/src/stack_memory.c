/* SPDX-License-Identifier: Apache-2.0
 *
 * See stack_memory.h.
 */
#include "stack_memory.h"

#include "pages.h"

#include <string.h>

/* Words that stand for "always" and "never" among the checks. */
static const uintptr_t always_zero = 0;
static const uintptr_t never_zero = 1;

static size_t aligned(size_t byte_count)
{
    return (byte_count + 15) / 16 * 16;
}

struct layout {
    size_t known, checks, fresh, exact, byte_count;
};

static struct layout layout_for(uint32_t depth_limit)
{
    struct layout layout = {
        .known = aligned(sizeof(struct mt_stack_memory)),
    };
    layout.checks = layout.known + depth_limit * sizeof(struct mt_known_frame);
    layout.fresh =
        layout.checks + 2 * depth_limit * sizeof(struct mt_stack_check);
    /* One more, as a step writes the caller of the last. */
    layout.exact =
        layout.fresh + (depth_limit + 1) * sizeof(struct mt_fresh_frame);
    layout.byte_count = layout.exact + (depth_limit + 7) / 8;
    return layout;
}

struct mt_stack_memory *mt_stack_memory_new(uint32_t depth_limit)
{
    struct layout layout = layout_for(depth_limit);
    char *pages = mt_pages_map(layout.byte_count);
    struct mt_stack_memory *memory = (struct mt_stack_memory *)(void *)pages;
    if (!memory)
        return NULL;
    memory->depth_limit = depth_limit;
    memory->known = (struct mt_known_frame *)(void *)(pages + layout.known);
    memory->checks = (struct mt_stack_check *)(void *)(pages + layout.checks);
    memory->fresh = (struct mt_fresh_frame *)(void *)(pages + layout.fresh);
    memory->exact = (uint8_t *)pages + layout.exact;
    return memory;
}

void mt_stack_memory_delete(struct mt_stack_memory *memory)
{
    if (memory)
        mt_pages_unmap(memory, layout_for(memory->depth_limit).byte_count);
}

void mt_stack_memory_forget(struct mt_stack_memory *memory)
{
    memory->known_count = memory->kept_count = 0;
    memory->found = NULL;
    memset(memory->cache.keys, 0, sizeof memory->cache.keys);
    memset(&memory->bounds, 0, sizeof memory->bounds);
}

uint32_t mt_stack_memory_certain(const struct mt_stack_memory *memory,
                                 uint32_t index,
                                 const struct mt_stack_check *changed)
{
    uint32_t place = (uint32_t)(changed - memory->checks);
    while (index > 0 && memory->known[index - 1].check_end > place)
        index--;
    return index;
}

/* Appends what must hold for the caller of `frame` to be `caller` (NULL: none)
 * at `end` of the checks; returns their new end. */
static inline uint32_t add_checks(struct mt_stack_memory *memory, uint32_t end,
                                  const struct mt_fresh_frame *frame,
                                  const struct mt_known_frame *caller)
{
    struct mt_stack_check *check = &memory->checks[end];
    if (caller && caller->needs_fp && frame->fp_slot && !frame->is_opaque)
        *check++ = (struct mt_stack_check){frame->fp_slot, caller->fp};
    if (MT_UNLIKELY(frame->is_opaque))
        *check++ = (struct mt_stack_check){&never_zero, 0};
    else if (MT_UNLIKELY(!frame->ip_slot))
        *check++ = (struct mt_stack_check){&always_zero, 0};
    else
        *check++ =
            (struct mt_stack_check){frame->ip_slot, caller ? caller->ip : 0};
    return (uint32_t)(check - memory->checks);
}

static inline uint32_t node_flags(const struct mt_fresh_frame *frame)
{
    return MT_NODE_FRAME | (frame->is_exact ? MT_NODE_EXACT : 0);
}

/* Tells the trie what it will be asked for. */
static inline void announce(struct mt_stack_memory *memory, uint32_t count,
                            uint32_t parent)
{
    struct mt_stack_run run;
    mt_stack_table_begin_run(&run, parent);
    for (uint32_t i = count; i-- > 0;) {
        struct mt_fresh_frame *frame = &memory->fresh[i];
        frame->hash =
            mt_stack_table_announce(&run, frame->ip, node_flags(frame));
    }
    for (uint32_t i = count; i-- > 0;)
        mt_stack_table_expect(&run, memory->fresh[i].hash);
}

uint32_t mt_stack_memory_remember(struct mt_stack_memory *memory, uint32_t kept,
                                  uint32_t count, uint32_t parent)
{
    memory->known_count = memory->kept_count = 0; /* should the trie be full */
    const struct mt_known_frame *caller =
        kept ? &memory->known[kept - 1] : NULL;
    uint32_t check_end = caller ? caller->check_end : 0;
    struct mt_known_frame *known = &memory->known[kept];
    announce(memory, count, parent);
    for (uint32_t i = count; i-- > 0; known++) {
        const struct mt_fresh_frame *frame = &memory->fresh[i];
        parent = mt_stack_table_intern_announced(
            parent, frame->ip, node_flags(frame), frame->hash);
        if (MT_UNLIKELY(!parent))
            return 0;
        check_end = add_checks(memory, check_end, frame, caller);
        *known = (struct mt_known_frame){
            .ip = frame->ip,
            .sp = frame->sp,
            .fp = frame->fp,
            .id = parent,
            .check_end = check_end & 0x3fffffff,
            .is_exact = frame->is_exact,
            .needs_fp = frame->uses_fp || frame->is_opaque ||
                        (caller && caller->needs_fp && !frame->fp_slot),
        };
        caller = known;
    }
    memory->known_count = kept + count;
    memory->kept_count = kept;
    return parent;
}

/* ----------------------------------------------------------------- cache */

/* Adds the words of known frame `index`, the return address first, and the id
 * of its caller. False, with the end as it was, when there is no room, or a
 * word tells nothing. */
static bool add_words(struct mt_stack_end *end, uint32_t *id_count,
                      const struct mt_stack_memory *memory, uint32_t index,
                      uintptr_t sp)
{
    const struct mt_known_frame *caller =
        index ? &memory->known[index - 1] : NULL;
    uint32_t first = caller ? caller->check_end : 0;
    uint32_t last = memory->known[index].check_end - 1;
    uint32_t count = end->word_count;
    for (uint32_t i = last + 1; i-- > first;) {
        const struct mt_stack_check *check = &memory->checks[i];
        if (check->slot == &always_zero)
            break;
        uintptr_t place = ((uintptr_t)check->slot - sp) / sizeof(uintptr_t);
        if (place >= MT_END_PLACE_LIMIT || /* never_zero, too */
            count == MT_STACK_CACHE_WORD_LIMIT)
            return false;
        end->places[count] = (uint16_t)place;
        end->fp_words |= (uint32_t)(i != last) << count;
        end->words[count++] = check->expected;
    }
    end->word_count = (uint8_t)count;
    if (caller)
        end->ids[(*id_count)++] =
            caller->id | (caller->needs_fp ? MT_END_NEEDS_FP : 0);
    return true;
}

/* Whether the stack has been walked before, not long ago: many are captured
 * once in a program's life, and are not worth the room. */
static bool is_seen_again(struct mt_stack_cache *cache, uint32_t id)
{
    uint32_t *seen = &cache->seen[id % MT_STACK_CACHE_SEEN_COUNT];
    bool is_seen = *seen == id;
    *seen = id;
    return is_seen;
}

/* Where the end of the stack with this leaf is to stand: in place of an older
 * form of it, or where there is room, or instead of another. */
static uint32_t place_for(struct mt_stack_cache *cache,
                          const struct mt_known_frame *leaf)
{
    uint32_t sets[2] = {mt_stack_cache_set(leaf->ip, leaf->sp),
                        mt_stack_cache_second_set(leaf->ip, leaf->sp)};
    uint32_t free = UINT32_MAX;
    for (uint32_t i = 0; i < 2 * MT_STACK_CACHE_WAY_COUNT; i++) {
        uint32_t place =
            sets[i / MT_STACK_CACHE_WAY_COUNT] + i % MT_STACK_CACHE_WAY_COUNT;
        const struct mt_stack_key *key = &cache->keys[place];
        if (key->sp == leaf->sp && key->ip == leaf->ip &&
            cache->ends[place].id == leaf->id)
            return place;
        if (!key->sp && free == UINT32_MAX)
            free = place;
    }
    if (free != UINT32_MAX)
        return free;
    /* In no order: round a ring that is larger than the set, the oldest is
     * always the one that is needed next. */
    cache->random = cache->random * 1664525 + 1013904223;
    uint32_t way = cache->random >> 29;
    return sets[way / MT_STACK_CACHE_WAY_COUNT] +
           way % MT_STACK_CACHE_WAY_COUNT;
}

void mt_stack_memory_cache(struct mt_stack_memory *memory)
{
    uint32_t count = memory->known_count, kept = memory->kept_count;
    if (count == kept)
        return;
    struct mt_stack_cache *cache = &memory->cache;
    const struct mt_known_frame *leaf = &memory->known[count - 1];
    if (!is_seen_again(cache, leaf->id))
        return;
    uint32_t place = place_for(cache, leaf);
    struct mt_stack_key *key = &cache->keys[place];
    struct mt_stack_end *end = &cache->ends[place];
    *key = (struct mt_stack_key){0}; /* should this end half-way */
    end->fp = leaf->fp;
    end->id = leaf->id;
    end->word_count = 0;
    end->fp_words = 0;
    end->needs_fp = leaf->needs_fp;
    /* As far out as there is room: what it shares with the last walk alone is
     * gone with the next. */
    uint32_t id_count = 0, outer_count = count;
    while (outer_count &&
           add_words(end, &id_count, memory, outer_count - 1, leaf->sp))
        outer_count--;
    if (outer_count > kept || outer_count > UINT16_MAX)
        return;
    end->outer_count = (uint16_t)outer_count;
    if (outer_count) {
        const struct mt_known_frame *outer = &memory->known[outer_count - 1];
        uintptr_t outer_place = (outer->sp - leaf->sp) / sizeof(uintptr_t);
        if (outer_place > UINT32_MAX)
            return;
        end->outer_id = outer->id;
        end->outer_place = (uint32_t)outer_place;
        end->outer_fp = outer->fp;
    }
    *key = (struct mt_stack_key){leaf->ip, leaf->sp};
}

void mt_stack_memory_recall(struct mt_stack_memory *memory)
{
    const struct mt_stack_end *end = memory->found;
    const struct mt_stack_key *key =
        &memory->cache.keys[end - memory->cache.ends];
    const uintptr_t *base = (const uintptr_t *)key->sp;
    uint32_t kept = end->outer_count, word_count = end->word_count;
    uint32_t check = kept ? memory->known[kept - 1].check_end : 0;
    /* A whole stack whose outermost frame has no word: the rule says so. */
    if (!kept && (!word_count || end->words[word_count - 1]))
        memory->checks[check++] = (struct mt_stack_check){&always_zero, 0};
    check += word_count;
    uint32_t count = kept + 1;
    for (uint32_t i = 0; i < word_count; i++)
        count += !(end->fp_words >> i & 1) && end->words[i];
    count -= kept != 0; /* its last return address is the known frame's */

    /* Innermost first, downwards from the ends of known and of checks. */
    struct mt_known_frame *known = &memory->known[count - 1];
    *known = (struct mt_known_frame){
        .ip = key->ip,
        .sp = key->sp,
        .fp = end->fp,
        .id = end->id,
        .check_end = check & 0x3fffffff,
        .needs_fp = end->needs_fp,
    };
    const uint32_t *id = end->ids;
    for (uint32_t i = 0; i < word_count;) {
        uintptr_t ip = end->words[i];
        const uintptr_t *slot = &base[end->places[i++]];
        uintptr_t fp = known->fp;
        memory->checks[--check] = (struct mt_stack_check){slot, ip};
        if (i < word_count && end->fp_words >> i & 1) {
            fp = end->words[i];
            memory->checks[--check] =
                (struct mt_stack_check){&base[end->places[i++]], fp};
        }
        if (i == word_count && (kept || !ip))
            break;
        *--known = (struct mt_known_frame){
            .ip = ip,
            .sp = (uintptr_t)(slot + 1),
            .fp = fp,
            .id = *id & ~MT_END_NEEDS_FP,
            .check_end = check & 0x3fffffff,
            .needs_fp = (*id & MT_END_NEEDS_FP) != 0,
        };
        id++;
    }
    memory->known_count = count;
    memory->kept_count = kept;
    memory->found = NULL;
}
