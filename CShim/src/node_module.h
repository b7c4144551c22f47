/* SPDX-License-Identifier: Apache-2.0
 *
 * What JavaScript can ask of memtrace: this library is node's module
 * "memtrace", found by process._linkedBinding. NodeModule/ wraps it.
 */
#ifndef MT_NODE_MODULE_H
#define MT_NODE_MODULE_H

/* Tells node of the module, before node begins; does nothing in a program that
 * is not node. Allocates once, in node; from the constructor, behind
 * mt_thread_begin_own. */
void mt_node_module_offer(void);

#endif
