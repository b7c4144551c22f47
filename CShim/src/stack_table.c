/* SPDX-License-Identifier: Apache-2.0
 *
 * See stack_table.h.
 *
 * Nodes stand in the file, in chunks that stay mapped; a hash table of ids
 * stands in front of them. A table that fills up is followed by one four times
 * its size: readers of the old one are not disturbed, and what is found there
 * is entered into the new one on the way.
 */
#include "stack_table.h"

#include "images.h"
#include "pages.h"
#include "trace_file.h"

#include <stdatomic.h>
#include <string.h>

#define CHUNK_LIMIT 65536u   /* 268 million nodes */
#define GENERATION_LIMIT 10u /* the last has 2^30 slots */
#define FIRST_SIZE 4096u
#define GROWTH 4u

struct table {
    _Atomic(_Atomic uint32_t *) slots; /* ids; 0 is free */
    uint32_t mask;
    _Atomic uint32_t used;
};

static struct {
    _Atomic(struct mt_node *) *chunks;
    _Atomic uint32_t next;   /* the id to give next; slots of headers skipped */
    _Atomic uint32_t newest; /* index of the table to enter into */
    struct table tables[GENERATION_LIMIT];
} state;

/* ------------------------------------------------------------------ nodes */

static struct mt_node *node_at(uint32_t id)
{
    /* Acquire: partner of the store in chunk_for. */
    struct mt_node *chunk = atomic_load_explicit(
        &state.chunks[id / MT_NODES_PER_CHUNK], memory_order_acquire);
    return chunk ? &chunk[id % MT_NODES_PER_CHUNK] : NULL;
}

/* The chunk of that ordinal, mapped by whoever comes first; a loser voids its
 * own. */
static struct mt_node *chunk_for(uint32_t ordinal)
{
    if (ordinal >= CHUNK_LIMIT)
        return NULL;
    struct mt_node *chunk =
        atomic_load_explicit(&state.chunks[ordinal], memory_order_acquire);
    if (chunk)
        return chunk;
    struct mt_stacks *made =
        mt_trace_file_map_chunk(MT_CHUNK_STACKS, MT_STACKS_BYTE_COUNT);
    if (!made)
        return NULL;
    made->ordinal = ordinal;
    struct mt_node *mine = (struct mt_node *)(void *)made;
    if (atomic_compare_exchange_strong_explicit(&state.chunks[ordinal], &chunk,
                                                mine, memory_order_acq_rel,
                                                memory_order_acquire))
        return mine;
    made->chunk.kind = MT_CHUNK_VOID;
    mt_pages_unmap(made, MT_STACKS_BYTE_COUNT);
    return chunk;
}

static uint32_t new_node(uint32_t parent, uint64_t address, uint32_t flags)
{
    uint32_t id;
    do
        id = atomic_fetch_add_explicit(&state.next, 1, memory_order_relaxed);
    while (id % MT_NODES_PER_CHUNK < MT_NODE_FIRST_SLOT);
    struct mt_node *chunk = chunk_for(id / MT_NODES_PER_CHUNK);
    if (!chunk)
        return 0;
    chunk[id % MT_NODES_PER_CHUNK] =
        (struct mt_node){.address = address, .parent = parent, .flags = flags};
    return id;
}

/* ------------------------------------------------------------------ table */

static uint32_t hash_of(uint32_t parent, uint64_t address, uint32_t flags)
{
    uint64_t key = (address ^ (uint64_t)flags << 56) * 0x9e3779b97f4a7c15u;
    key ^= (uint64_t)parent * 0xc2b2ae3d27d4eb4fu;
    key *= 0x165667b19e3779f9u;
    return (uint32_t)(key >> 32);
}

static bool equals(uint32_t id, uint32_t parent, uint64_t address,
                   uint32_t flags)
{
    const struct mt_node *node = node_at(id);
    return node && node->parent == parent && node->address == address &&
           node->flags == flags;
}

/* The id in `table`, or 0. */
static uint32_t find(const struct table *table, uint32_t hash, uint32_t parent,
                     uint64_t address, uint32_t flags)
{
    _Atomic uint32_t *slots =
        atomic_load_explicit(&table->slots, memory_order_acquire);
    for (uint32_t i = hash & table->mask;; i = (i + 1) & table->mask) {
        /* Acquire: partner of the exchange in enter; the node is whole. */
        uint32_t id = atomic_load_explicit(&slots[i], memory_order_acquire);
        if (!id || equals(id, parent, address, flags))
            return id;
    }
}

/* Enters `id` unless an equal node is there; returns the id that holds. */
static uint32_t enter(struct table *table, uint32_t hash, uint32_t id,
                      uint32_t parent, uint64_t address, uint32_t flags)
{
    _Atomic uint32_t *slots =
        atomic_load_explicit(&table->slots, memory_order_acquire);
    for (uint32_t i = hash & table->mask;; i = (i + 1) & table->mask) {
        uint32_t found = 0;
        if (atomic_compare_exchange_strong_explicit(&slots[i], &found, id,
                                                    memory_order_acq_rel,
                                                    memory_order_acquire)) {
            atomic_fetch_add_explicit(&table->used, 1, memory_order_relaxed);
            return id;
        }
        if (found == id || equals(found, parent, address, flags))
            return found;
    }
}

static size_t table_byte_count(const struct table *table)
{
    return (table->mask + (size_t)1) * sizeof(uint32_t);
}

/* Gives the table its slots, unless another thread was first. False without
 * memory. */
static bool make_table(struct table *table)
{
    _Atomic uint32_t *none = NULL;
    _Atomic uint32_t *slots = mt_pages_map(table_byte_count(table));
    if (slots && !atomic_compare_exchange_strong_explicit(
                     &table->slots, &none, slots, memory_order_acq_rel,
                     memory_order_acquire))
        mt_pages_unmap((void *)slots, table_byte_count(table));
    return slots != NULL;
}

/* Half full is where probing begins to cost. Every thread that notices sees to
 * the next table itself: one that was waited for might not run for a while,
 * and the old table fills up. */
static MT_COLD void grow(uint32_t newest)
{
    if (newest + 1 < GENERATION_LIMIT && make_table(&state.tables[newest + 1]))
        atomic_compare_exchange_strong_explicit(
            &state.newest, &newest, newest + 1, memory_order_release,
            memory_order_relaxed);
}

uint32_t mt_stack_table_intern(uint32_t parent, uint64_t address,
                               uint32_t flags)
{
    uint32_t hash = hash_of(parent, address, flags);
    uint32_t newest = atomic_load_explicit(&state.newest, memory_order_acquire);
    struct table *table = &state.tables[newest];
    uint32_t id = find(table, hash, parent, address, flags);
    if (MT_LIKELY(id))
        return id;

    uint32_t used = atomic_load_explicit(&table->used, memory_order_relaxed);
    if (used > table->mask / 8 * 7)
        return 0; /* no next table could be made: out of memory */
    for (uint32_t older = newest; !id && older-- > 0;)
        id = find(&state.tables[older], hash, parent, address, flags);
    if (!id) {
        if (flags & MT_NODE_FRAME)
            mt_images_note(address);
        id = new_node(parent, address, flags);
        if (!id)
            return 0;
    }
    id = enter(table, hash, id, parent, address, flags);
    if (used > table->mask / 2)
        grow(newest);
    return id;
}

/* ------------------------------------------------------------- life cycle */

bool mt_stack_table_begin(void)
{
    state.chunks = mt_pages_map(CHUNK_LIMIT * sizeof *state.chunks);
    atomic_store(&state.next, MT_NODE_FIRST_SLOT);
    atomic_store(&state.newest, 0);
    uint32_t size = FIRST_SIZE;
    for (uint32_t i = 0; i < GENERATION_LIMIT; i++, size *= GROWTH)
        state.tables[i].mask = size - 1;
    return state.chunks && make_table(&state.tables[0]) && chunk_for(0);
}

void mt_stack_table_abandon(void)
{
    for (uint32_t i = 0; i < CHUNK_LIMIT && state.chunks; i++) {
        struct mt_node *chunk = atomic_load(&state.chunks[i]);
        if (!chunk)
            break;
        mt_pages_unmap(chunk, MT_STACKS_BYTE_COUNT);
    }
    mt_pages_unmap(state.chunks, CHUNK_LIMIT * sizeof *state.chunks);
    state.chunks = NULL;
    for (uint32_t i = 0; i < GENERATION_LIMIT; i++) {
        struct table *table = &state.tables[i];
        mt_pages_unmap((void *)atomic_load(&table->slots),
                       table_byte_count(table));
        atomic_store(&table->slots, NULL);
        atomic_store(&table->used, 0);
    }
}

/* ------------------------------------------------------------- for tests */

bool mt_stack_table_node(uint32_t id, struct mt_node *node)
{
    const struct mt_node *found = id ? node_at(id) : NULL;
    if (found)
        *node = *found;
    return found != NULL;
}

uint32_t mt_stack_table_count(void)
{
    uint32_t next = atomic_load(&state.next);
    uint32_t chunks = next / MT_NODES_PER_CHUNK;
    return next - (chunks + 1) * MT_NODE_FIRST_SLOT;
}

bool mt_stack_table_check(void)
{
    uint32_t next = atomic_load(&state.next);
    for (uint32_t id = MT_NODE_FIRST_SLOT; id < next; id++) {
        if (id % MT_NODES_PER_CHUNK < MT_NODE_FIRST_SLOT)
            continue;
        const struct mt_node *node = node_at(id);
        if (!node || !node->flags)
            return false;
        uint32_t found =
            mt_stack_table_intern(node->parent, node->address, node->flags);
        if (node->parent >= id || !found ||
            !equals(found, node->parent, node->address, node->flags))
            return false;
    }
    return true;
}
