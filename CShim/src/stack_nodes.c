/* SPDX-License-Identifier: Apache-2.0
 *
 * See stack_nodes.h.
 */
#include "stack_nodes.h"

#include "attributes.h"
#include "pages.h"
#include "trace_file.h"

#define CHUNK_LIMIT 65536u /* 268 million nodes */
#define HASHES_BYTE_COUNT (MT_NODES_PER_CHUNK * sizeof(uint32_t))

struct mt_stack_nodes mt_stack_nodes;

/* Where the hashes of a chunk's nodes stand; any of two threads may make it.
 * NULL without memory. */
static uint32_t *hashes_for(uint32_t ordinal)
{
    _Atomic(uint32_t *) *place = &mt_stack_nodes.hashes[ordinal];
    uint32_t *hashes = atomic_load_explicit(place, memory_order_acquire);
    if (MT_LIKELY(hashes))
        return hashes;
    uint32_t *made = mt_pages_map(HASHES_BYTE_COUNT);
    if (!made)
        return NULL;
    if (atomic_compare_exchange_strong_explicit(
            place, &hashes, made, memory_order_acq_rel, memory_order_acquire))
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
    _Atomic(struct mt_node *) *place = &mt_stack_nodes.chunks[ordinal];
    struct mt_node *chunk = atomic_load_explicit(place, memory_order_acquire);
    if (MT_LIKELY(chunk))
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
    if (atomic_compare_exchange_strong_explicit(
            place, &chunk, mine, memory_order_acq_rel, memory_order_acquire))
        return mine;
    made->chunk.kind = MT_CHUNK_VOID;
    mt_trace_file_unmap_chunk(made, MT_STACKS_BYTE_COUNT);
    return chunk;
}

uint32_t mt_stack_nodes_add(const struct mt_node *node, uint32_t hash)
{
    uint32_t id;
    do
        id = atomic_fetch_add_explicit(&mt_stack_nodes.next, 1,
                                       memory_order_relaxed);
    while (id % MT_NODES_PER_CHUNK < MT_NODE_FIRST_SLOT);
    uint32_t ordinal = id / MT_NODES_PER_CHUNK;
    struct mt_node *chunk = chunk_for(ordinal);
    if (!chunk)
        return 0;
    chunk[id % MT_NODES_PER_CHUNK] = *node;
    hashes_for(ordinal)[id % MT_NODES_PER_CHUNK] = hash;
    return id;
}

bool mt_stack_nodes_begin(void)
{
    mt_stack_nodes.chunks =
        mt_pages_map(CHUNK_LIMIT * sizeof *mt_stack_nodes.chunks);
    mt_stack_nodes.hashes =
        mt_pages_map(CHUNK_LIMIT * sizeof *mt_stack_nodes.hashes);
    atomic_store(&mt_stack_nodes.next, MT_NODE_FIRST_SLOT);
    return mt_stack_nodes.chunks && mt_stack_nodes.hashes && chunk_for(0);
}

void mt_stack_nodes_abandon(void)
{
    for (uint32_t i = 0; i < CHUNK_LIMIT && mt_stack_nodes.chunks; i++) {
        struct mt_node *chunk = atomic_load(&mt_stack_nodes.chunks[i]);
        if (!chunk)
            break;
        mt_trace_file_unmap_chunk(chunk, MT_STACKS_BYTE_COUNT);
        mt_pages_unmap(atomic_load(&mt_stack_nodes.hashes[i]),
                       HASHES_BYTE_COUNT);
    }
    mt_pages_unmap(mt_stack_nodes.chunks,
                   CHUNK_LIMIT * sizeof *mt_stack_nodes.chunks);
    mt_pages_unmap(mt_stack_nodes.hashes,
                   CHUNK_LIMIT * sizeof *mt_stack_nodes.hashes);
    mt_stack_nodes.chunks = NULL;
    mt_stack_nodes.hashes = NULL;
}
