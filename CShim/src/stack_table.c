/* SPDX-License-Identifier: Apache-2.0
 *
 * See stack_table.h.
 *
 * A hash table of ids stands in front of the nodes (stack_nodes.h). A table
 * that fills up is copied into one four times its size; what another thread
 * enters into the old one meanwhile is not found again, and is given a second id
 * when it comes again.
 */
#include "stack_table.h"

#include "images.h"
#include "pages.h"
#include "stack_nodes.h"

#include <errno.h>
#include <stdatomic.h>
#include <string.h>

#define GENERATION_LIMIT 8u /* the last has 2^28 slots */
#define FIRST_SIZE 32768u
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
    _Atomic uint32_t newest;  /* index of the table in use */
    _Atomic uint32_t growing; /* index of the table that is being copied + 1 */
    struct table tables[GENERATION_LIMIT];
} state;

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
    const struct mt_node *node = mt_stack_node_at(slot & ID_MASK);
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
        enter(to, mask, mt_stack_node_hash(id), id, mt_stack_node_at(id));
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
    uint32_t id = mt_stack_nodes_add(node, hash);
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
    return intern(&node, hash_of(mt_stack_node_hash(parent), address, flags));
}

void mt_stack_table_begin_run(struct mt_stack_run *run, uint32_t parent)
{
    uint32_t newest = atomic_load_explicit(&state.newest, memory_order_acquire);
    run->table = &state.tables[newest];
    run->hash = mt_stack_node_hash(parent);
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
        __builtin_prefetch(mt_stack_node_at(slot & ID_MASK));
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
    atomic_store(&state.newest, 0);
    atomic_store(&state.growing, 0);
    uint32_t size = FIRST_SIZE;
    for (uint32_t i = 0; i < GENERATION_LIMIT; i++, size *= GROWTH)
        state.tables[i].mask = size - 1;
    struct table *first = &state.tables[0];
    atomic_store(&first->slots,
                 mt_pages_map_populated(table_byte_count(first)));
    return mt_stack_nodes_begin() && atomic_load(&first->slots);
}

void mt_stack_table_abandon(void)
{
    mt_stack_nodes_abandon();
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
    const struct mt_node *found = id ? mt_stack_node_at(id) : NULL;
    if (found)
        *node = *found;
    return found != NULL;
}

uint32_t mt_stack_table_count(void)
{
    uint32_t next = atomic_load(&mt_stack_nodes.next);
    uint32_t chunks = next / MT_NODES_PER_CHUNK;
    return next - (chunks + 1) * MT_NODE_FIRST_SLOT;
}

bool mt_stack_table_check(void)
{
    uint32_t next = atomic_load(&mt_stack_nodes.next);
    for (uint32_t id = MT_NODE_FIRST_SLOT; id < next; id++) {
        if (id % MT_NODES_PER_CHUNK < MT_NODE_FIRST_SLOT)
            continue;
        const struct mt_node *node = mt_stack_node_at(id);
        if (!node || !node->flags)
            return false;
        uint32_t found =
            mt_stack_table_intern(node->parent, node->address, node->flags);
        const struct mt_node *same = found ? mt_stack_node_at(found) : NULL;
        if (node->parent >= id || !same || same->parent != node->parent ||
            same->address != node->address || same->flags != node->flags)
            return false;
    }
    return true;
}
