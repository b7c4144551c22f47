/* SPDX-License-Identifier: Apache-2.0
 *
 * node: V8 is asked to name its code, and what it writes for perf goes into
 * the trace.
 */
#ifndef MT_NODE_H
#define MT_NODE_H

/* Finds out whether this program is node; from the constructor. */
void mt_node_begin(void);

#endif
