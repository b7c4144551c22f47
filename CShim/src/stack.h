/* SPDX-License-Identifier: Apache-2.0
 *
 * The stack of the caller of a door, as one id.
 */
#ifndef MT_STACK_H
#define MT_STACK_H

#include "images.h"
#include "stack_memory.h"
#include "thread.h"

#include <stdint.h>

/* The registers of a door's caller, as they are when the door returns: where
 * the door's frame has them, so that a door stores nothing.
 *
 *      door's frame address ->  | caller's fp    |
 *                               | return address |
 *      caller's sp          ->  | ...            |                          */
struct mt_caller {
    uintptr_t fp;
    uintptr_t ip; /* the door's return address */
};

/* For use in a door, which must be compiled with a frame pointer; good until
 * the door returns. */
#define MT_CALLER() ((const struct mt_caller *)__builtin_frame_address(0))

static inline uintptr_t mt_caller_sp(const struct mt_caller *caller)
{
    return (uintptr_t)(caller + 1);
}

/* What mt_stack_capture does when the thread does not remember the stack. */
uint32_t mt_stack_capture_slowly(struct mt_thread_state *thread,
                                 const struct mt_caller *caller);

/* The id of the stack that begins at `caller`; 0 when there is none to be
 * had. Frames beyond MEMTRACE_DEPTH are cut off on the outer side. */
static MT_INLINE uint32_t mt_stack_capture(struct mt_thread_state *thread,
                                           const struct mt_caller *caller)
{
    if (MT_LIKELY(thread->stack_epoch == mt_images_epoch())) {
        uint32_t id = mt_stack_memory_seek(thread->stack, caller->ip,
                                           mt_caller_sp(caller), caller->fp);
        if (MT_LIKELY(id))
            return id;
    }
    return mt_stack_capture_slowly(thread, caller);
}

#endif
