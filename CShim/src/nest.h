/* SPDX-License-Identifier: Apache-2.0
 *
 * Doors that lead to other doors: operator new calls malloc, operator delete
 * calls free. The program did one thing, so one event is recorded, that of the
 * outer door with the outer caller's stack. But an operator new that serves
 * from a pool of its own calls malloc for something else, and that is an event
 * too; and the new-handler, run when malloc failed, may do anything.
 */
#ifndef MT_NEST_H
#define MT_NEST_H

#include "attributes.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct mt_nest {
    /* Where the return address of the operator new that is at work stands,
     * and that address: when an exception has ended it, the word there is
     * another sooner or later. NULL: none is at work. */
    const uintptr_t *frame;
    uintptr_t ip;
    /* What the inner door was given meanwhile; held until the outer returns. */
    const void *block;
    size_t size;
    bool has_failed; /* since then every inner event was recorded */
    /* The block whose end the operator delete at work has recorded. */
    const void *ending;
};

/* The nest as an operator new found it. */
struct mt_outer_nest {
    bool is_empty; /* nearly always; then `nest` is not written */
    struct mt_nest nest;
};

/* Before the real operator new, whose return address stands in `frame`. */
static inline void mt_nest_enter(struct mt_nest *nest,
                                 struct mt_outer_nest *outer,
                                 const uintptr_t *frame)
{
    outer->is_empty = !((uintptr_t)nest->frame | (uintptr_t)nest->block |
                        (uintptr_t)nest->ending);
    if (MT_UNLIKELY(!outer->is_empty))
        outer->nest = *nest;
    nest->frame = frame;
    nest->ip = *frame;
    nest->block = NULL;
    nest->has_failed = false;
}

/* After it: puts back what was there before. */
static inline void mt_nest_leave(struct mt_nest *nest,
                                 const struct mt_outer_nest *outer)
{
    if (MT_LIKELY(outer->is_empty)) {
        nest->frame = NULL;
        nest->block = NULL;
        nest->ending = NULL;
    } else {
        *nest = outer->nest;
    }
}

/* An inner door got `block`. True when its event is held back: the outer door
 * will know whether it is the block that it returns. A second one is recorded
 * at once, as is everything once the allocator has failed. */
static inline bool mt_nest_holds(struct mt_nest *nest, const void *block,
                                 size_t size, uintptr_t sp)
{
    if (sp > (uintptr_t)nest->frame || *nest->frame != nest->ip) {
        nest->frame = NULL;
        return false;
    }
    if (!block) {
        nest->frame = NULL;
        nest->has_failed = true;
        return false;
    }
    if (nest->block)
        return false;
    nest->block = block;
    nest->size = size;
    return true;
}

/* Whether the end of `block` (not NULL) is no event of its own: the outer door
 * has recorded it, or its beginning is still held. */
static inline bool mt_nest_ends(struct mt_nest *nest, const void *block)
{
    if (MT_LIKELY(nest->ending != block && nest->block != block))
        return false;
    if (nest->ending == block)
        nest->ending = NULL;
    else
        nest->block = NULL;
    return true;
}

#endif
