/* SPDX-License-Identifier: Apache-2.0
 *
 * Where the memory that holds a stack ends, for frame pointers that cannot be
 * trusted.
 */
#ifndef MT_STACK_BOUNDS_H
#define MT_STACK_BOUNDS_H

#include <stdint.h>

#define MT_STACK_BOUNDS_COUNT 4

/* Readable memory known to this thread, newest first. Stacks of coroutines
 * and signal handlers have entries of their own. */
struct mt_stack_bounds {
    struct {
        uintptr_t start, end;
    } known[MT_STACK_BOUNDS_COUNT];
};

/* The end of the mapping that `sp` points into; 0 when there is none. Reads
 * /proc/self/maps when it is not known, about 50 us. */
uintptr_t mt_stack_bounds_end(struct mt_stack_bounds *bounds, uintptr_t sp);

#endif
