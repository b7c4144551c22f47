/* SPDX-License-Identifier: Apache-2.0
 *
 * The trie's nodes: they stand in the file, in chunks that stay mapped, and
 * the hash of each beside them, in memory.
 */
#ifndef MT_STACK_NODES_H
#define MT_STACK_NODES_H

#include "trace_format.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

/* Tables of chunks, by ordinal; not for use elsewhere. */
struct mt_stack_nodes {
    _Atomic(struct mt_node *) *chunks;
    _Atomic(uint32_t *) *hashes;
    _Atomic uint32_t next; /* the id to give next; slots of headers skipped */
};
extern struct mt_stack_nodes mt_stack_nodes;

/* False without memory, or room in the trace file, which is open. */
bool mt_stack_nodes_begin(void);

/* Forgets those of the parent process. */
void mt_stack_nodes_abandon(void);

/* Writes a node and returns its id, which is above all earlier ones; 0 when it
 * cannot, with the recording stopped. Lock-free. */
uint32_t mt_stack_nodes_add(const struct mt_node *node, uint32_t hash);

/* NULL when there is none of that id. */
static inline struct mt_node *mt_stack_node_at(uint32_t id)
{
    /* Acquire: partner of the store in chunk_for. */
    struct mt_node *chunk = atomic_load_explicit(
        &mt_stack_nodes.chunks[id / MT_NODES_PER_CHUNK], memory_order_acquire);
    return chunk ? &chunk[id % MT_NODES_PER_CHUNK] : NULL;
}

/* That of node `id`, which this thread has from a table or a window's owner;
 * of no node: 0. */
static inline uint32_t mt_stack_node_hash(uint32_t id)
{
    return id ? atomic_load_explicit(
                    &mt_stack_nodes.hashes[id / MT_NODES_PER_CHUNK],
                    memory_order_acquire)[id % MT_NODES_PER_CHUNK]
              : 0;
}

#endif
