/* SPDX-License-Identifier: Apache-2.0
 *
 * The trie of stacks: gives the pair {caller's node, return address} an id,
 * the same one each time, and writes each node into the file once.
 */
#ifndef MT_STACK_TABLE_H
#define MT_STACK_TABLE_H

#include "trace_format.h"

#include <stdbool.h>

/* Begins an empty trie, in the trace file that is open now. False when there
 * is no memory or no room in the file. */
bool mt_stack_table_begin(void);

/* Forgets the trie of the parent process. */
void mt_stack_table_abandon(void);

/* The id of the node, made if need be; 0 when it could not be made, with the
 * recording stopped. Lock-free; any thread. In rare races two threads are
 * given different ids for the same new node: readers take them as one. */
uint32_t mt_stack_table_intern(uint32_t parent, uint64_t address,
                               uint32_t flags);

/* The frames of a walk, outermost first: each is announced, then expected, then
 * interned with what announcing it gave; so that what it needs is on its way
 * from memory while the others are dealt with. */
struct mt_stack_run {
    const void *table;
    uint32_t hash; /* of the frame announced last */
};
void mt_stack_table_begin_run(struct mt_stack_run *run, uint32_t parent);
uint32_t mt_stack_table_announce(struct mt_stack_run *run, uint64_t address,
                                 uint32_t flags);
void mt_stack_table_expect(const struct mt_stack_run *run, uint32_t hash);
uint32_t mt_stack_table_intern_announced(uint32_t parent, uint64_t address,
                                         uint32_t flags, uint32_t hash);

/* Copies node `id`; false when there is none. */
bool mt_stack_table_node(uint32_t id, struct mt_node *node);

/* How many nodes there are, for tests. */
uint32_t mt_stack_table_count(void);

/* Test only: whether every node is found again under its own id or an equal
 * node's, and stands behind its parent. */
bool mt_stack_table_check(void);

#endif
