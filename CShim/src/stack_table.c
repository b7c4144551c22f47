/* SPDX-License-Identifier: Apache-2.0
 *
 * See stack_table.h.
 *
 * Nodes stand in the file, in chunks that stay mapped; a hash table of ids
 * stands in front of them. A table that fills up is copied into one four times
 * its size; what another thread enters into the old one meanwhile is not found
 * again, and is given a second id when it comes again.
 */
#include "stack_table.h"

#include "images.h"
#include "pages.h"
#include "trace_file.h"

#include <errno.h>
#include <stdatomic.h>
#include <string.h>

#define CHUNK_LIMIT 65536u  /* 268 million nodes */
#define GENERATION_LIMIT 8u /* the last has 2^28 slots */
#define FIRST_SIZE 32768u
#define HASHES_BYTE_COUNT (MT_NODES_PER_CHUNK * sizeof(uint32_t))
#define GROWTH 4u
/* A node is hashed with its ancestors, by way of its parent's hash, which is
 * kept beside the nodes. So the places of a walk's frames are known before any
 * of them is looked up, and their cache misses come all at once. */

/* An id in a slot has four bits of its node's hash above it, so that most
 * other nodes are told apart without a look at them. */
#define ID_BITS 28u
#define ID_MASK ((1u << ID_BITS) - 1)

struct table {
    _Atomic(_Atomic uint32_t *) slots; /* 0 is free */
    uint32_t mask;
    _Atomic uint32_t used;
};

static struct {
    _Atomic(struct mt_node *) *chunks;
    _Atomic(uint32_t *) *hashes; /* of the nodes of each chunk */
    _Atomic uint32_t next;   /* the id to give next; slots of headers skipped */
    _Atomic uint32_t newest; /* index of the table in use */
    _Atomic uint32_t growing; /* index of the table that is being copied + 1 */
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

/* Where the hashes of a chunk's nodes stand; any of two threads may make it.
 * NULL without memory. */
static uint32_t *hashes_for(uint32_t ordinal)
{
    uint32_t *hashes =
        atomic_load_explicit(&state.hashes[ordinal], memory_order_acquire);
    if (MT_LIKELY(hashes))
        return hashes;
    uint32_t *made = mt_pages_map(HASHES_BYTE_COUNT);
    if (!made)
        return NULL;
    if (atomic_compare_exchange_strong_explicit(&state.hashes[ordinal], &hashes,
                                                made, memory_order_acq_rel,
                                                memory_order_acquire))
        return made;
    mt_pages_unmap(made, HASHES_BYTE_COUNT);
    return hashes;
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
    if (!hashes_for(ordinal)) /* before anybody sees the chunk */
        return NULL;
    struct mt_stacks *made =
        mt_trace_file_map_chunk(MT_CHUNK_STACKS, MT_STACKS_BYTE_COUNT);
    if (!made)
        return NULL;
    if (ordinal) /* a program that needs a second chunk will fill it */
        mt_pages_populate(made, MT_STACKS_BYTE_COUNT);
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

static uint32_t new_node(const struct mt_node *node, uint32_t hash)
{
    uint32_t id;
    do
        id = atomic_fetch_add_explicit(&state.next, 1, memory_order_relaxed);
    while (id % MT_NODES_PER_CHUNK < MT_NODE_FIRST_SLOT);
    struct mt_node *chunk = chunk_for(id / MT_NODES_PER_CHUNK);
    if (!chunk)
        return 0;
    chunk[id % MT_NODES_PER_CHUNK] = *node;
    hashes_for(id / MT_NODES_PER_CHUNK)[id % MT_NODES_PER_CHUNK] = hash;
    return id;
}

/* That of node `id`, which this thread has from a table or a window's owner. */
static inline uint32_t hash_of_node(uint32_t id)
{
    return id ? atomic_load_explicit(
                    &state.hashes[id / MT_NODES_PER_CHUNK],
                    memory_order_acquire)[id % MT_NODES_PER_CHUNK]
              : 0;
}

/* ------------------------------------------------------------------ table */

static inline uint32_t hash_of(uint32_t parent_hash, uint64_t address,
                               uint32_t flags)
{
    uint64_t key = (address ^ (uint64_t)flags << 56) * 0x9e3779b97f4a7c15u;
    key ^= (uint64_t)parent_hash * 0xc2b2ae3d27d4eb4fu;
    key *= 0x165667b19e3779f9u;
    return (uint32_t)(key >> 32);
}

static inline bool equals(uint32_t slot, uint32_t hash,
                          const struct mt_node *wanted)
{
    if ((slot ^ hash) & ~ID_MASK)
        return false;
    const struct mt_node *node = node_at(slot & ID_MASK);
    return node && node->address == wanted->address &&
           node->parent == wanted->parent && node->flags == wanted->flags;
}

/* The id in `table`, or 0. */
static inline uint32_t find(const struct table *table, uint32_t hash,
                            const struct mt_node *wanted)
{
    _Atomic uint32_t *slots =
        atomic_load_explicit(&table->slots, memory_order_acquire);
    for (uint32_t i = hash & table->mask;; i = (i + 1) & table->mask) {
        /* Acquire: partner of the exchange in enter; the node is whole. */
        uint32_t slot = atomic_load_explicit(&slots[i], memory_order_acquire);
        if (!slot || equals(slot, hash, wanted))
            return slot & ID_MASK;
    }
}

/* Enters `id` unless an equal node is there; returns the id that holds. */
static uint32_t enter(_Atomic uint32_t *slots, uint32_t mask, uint32_t hash,
                      uint32_t id, const struct mt_node *node)
{
    uint32_t mine = (hash & ~ID_MASK) | id;
    for (uint32_t i = hash & mask;; i = (i + 1) & mask) {
        uint32_t found = 0;
        if (atomic_compare_exchange_strong_explicit(&slots[i], &found, mine,
                                                    memory_order_acq_rel,
                                                    memory_order_acquire))
            return id;
        if (equals(found, hash, node))
            return found & ID_MASK;
    }
}

/* ----------------------------------------------------------------- growth */

static size_t table_byte_count(const struct table *table)
{
    return (table->mask + (size_t)1) * sizeof(uint32_t);
}

/* How many ids of `from` were copied. */
static uint32_t copy(const struct table *from, _Atomic uint32_t *to,
                     uint32_t mask)
{
    _Atomic uint32_t *slots = atomic_load(&from->slots);
    uint32_t count = 0;
    for (size_t i = 0; i <= from->mask; i++) {
        uint32_t id =
            atomic_load_explicit(&slots[i], memory_order_acquire) & ID_MASK;
        if (!id)
            continue;
        enter(to, mask, hash_of_node(id), id, node_at(id));
        count++;
    }
    return count;
}

/* Puts a copy behind table `newest`, unless another thread was first. */
static MT_COLD void grow(uint32_t newest)
{
    if (newest + 1 >= GENERATION_LIMIT)
        return;
    struct table *old = &state.tables[newest];
    struct table *next = &state.tables[newest + 1];
    _Atomic uint32_t *none = NULL;
    _Atomic uint32_t *slots = mt_pages_map_populated(table_byte_count(next));
    if (!slots)
        return;
    uint32_t count = copy(old, slots, next->mask);
    if (!atomic_compare_exchange_strong(&next->slots, &none, slots)) {
        mt_pages_unmap((void *)slots, table_byte_count(next));
        return;
    }
    atomic_fetch_add(&next->used, count);
    atomic_store(&state.newest, newest + 1);
    /* Others may still be in it: they find nothing there, at worst. */
    mt_pages_clear((void *)atomic_load(&old->slots), table_byte_count(old));
}

/* Three quarters full, probing begins to cost, and one thread sees to a larger
 * table. Should it be held up, and this one be nearly full, all do. */
static inline void grow_if_full(uint32_t newest)
{
    struct table *table = &state.tables[newest];
    uint32_t used =
        atomic_fetch_add_explicit(&table->used, 1, memory_order_relaxed);
    if (MT_LIKELY(used < table->mask / 8 * 6))
        return;
    uint32_t growing = newest;
    if (atomic_compare_exchange_strong(&state.growing, &growing, newest + 1) ||
        used > table->mask / 8 * 7)
        grow(newest);
}

/* --------------------------------------------------------------- interning */

/* A node that is in no table yet. */
static MT_COLD uint32_t intern_anew(uint32_t newest, uint32_t hash,
                                    const struct mt_node *node)
{
    struct table *table = &state.tables[newest];
    uint32_t used = atomic_load_explicit(&table->used, memory_order_relaxed);
    if (used > table->mask / 16 * 15)
        return 0; /* no next table could be made: out of memory */
    if (node->flags & MT_NODE_FRAME)
        mt_images_note(node->address);
    uint32_t id = new_node(node, hash);
    if (!id)
        return 0;
    id = enter(atomic_load_explicit(&table->slots, memory_order_acquire),
               table->mask, hash, id, node);
    grow_if_full(newest);
    return id;
}

static uint32_t intern(const struct mt_node *node, uint32_t hash)
{
    uint32_t newest = atomic_load_explicit(&state.newest, memory_order_acquire);
    uint32_t id = find(&state.tables[newest], hash, node);
    if (MT_LIKELY(id))
        return id;
    int saved_errno = errno;
    id = intern_anew(newest, hash, node);
    errno = saved_errno;
    return id;
}

uint32_t mt_stack_table_intern(uint32_t parent, uint64_t address,
                               uint32_t flags)
{
    struct mt_node node = {address, parent, flags};
    return intern(&node, hash_of(hash_of_node(parent), address, flags));
}

void mt_stack_table_begin_run(struct mt_stack_run *run, uint32_t parent)
{
    uint32_t newest = atomic_load_explicit(&state.newest, memory_order_acquire);
    run->table = &state.tables[newest];
    run->hash = hash_of_node(parent);
}

uint32_t mt_stack_table_announce(struct mt_stack_run *run, uint64_t address,
                                 uint32_t flags)
{
    const struct table *table = run->table;
    run->hash = hash_of(run->hash, address, flags);
    __builtin_prefetch((const void *)&atomic_load_explicit(
        &table->slots, memory_order_acquire)[run->hash & table->mask]);
    return run->hash;
}

void mt_stack_table_expect(const struct mt_stack_run *run, uint32_t hash)
{
    const struct table *table = run->table;
    uint32_t slot = atomic_load_explicit(
        &atomic_load_explicit(&table->slots,
                              memory_order_acquire)[hash & table->mask],
        memory_order_acquire);
    if (slot && !((slot ^ hash) & ~ID_MASK))
        __builtin_prefetch(node_at(slot & ID_MASK));
}

uint32_t mt_stack_table_intern_announced(uint32_t parent, uint64_t address,
                                         uint32_t flags, uint32_t hash)
{
    struct mt_node node = {address, parent, flags};
    return intern(&node, hash);
}

/* ------------------------------------------------------------- life cycle */

bool mt_stack_table_begin(void)
{
    state.chunks = mt_pages_map(CHUNK_LIMIT * sizeof *state.chunks);
    state.hashes = mt_pages_map(CHUNK_LIMIT * sizeof *state.hashes);
    atomic_store(&state.next, MT_NODE_FIRST_SLOT);
    atomic_store(&state.newest, 0);
    atomic_store(&state.growing, 0);
    uint32_t size = FIRST_SIZE;
    for (uint32_t i = 0; i < GENERATION_LIMIT; i++, size *= GROWTH)
        state.tables[i].mask = size - 1;
    struct table *first = &state.tables[0];
    atomic_store(&first->slots,
                 mt_pages_map_populated(table_byte_count(first)));
    return state.chunks && state.hashes && atomic_load(&first->slots) &&
           chunk_for(0);
}

void mt_stack_table_abandon(void)
{
    for (uint32_t i = 0; i < CHUNK_LIMIT && state.chunks; i++) {
        struct mt_node *chunk = atomic_load(&state.chunks[i]);
        if (!chunk)
            break;
        mt_pages_unmap(chunk, MT_STACKS_BYTE_COUNT);
        mt_pages_unmap(atomic_load(&state.hashes[i]), HASHES_BYTE_COUNT);
    }
    mt_pages_unmap(state.chunks, CHUNK_LIMIT * sizeof *state.chunks);
    mt_pages_unmap(state.hashes, CHUNK_LIMIT * sizeof *state.hashes);
    state.chunks = NULL;
    state.hashes = NULL;
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
        const struct mt_node *same = found ? node_at(found) : NULL;
        if (node->parent >= id || !same || same->parent != node->parent ||
            same->address != node->address || same->flags != node->flags)
            return false;
    }
    return true;
}
