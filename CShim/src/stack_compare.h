/* SPDX-License-Identifier: Apache-2.0
 *
 * The correctness net under stack.c: a captured stack beside libunwind's own.
 */
#ifndef MT_STACK_COMPARE_H
#define MT_STACK_COMPARE_H

#include "stack.h"

/* Walks once more with libunwind alone and says in a few lines on standard
 * error where the two differ. MEMTRACE_UNWINDER=3 only; slow. */
void mt_stack_compare(uint32_t id, const struct mt_caller *caller,
                      uint32_t depth_limit);

#endif
