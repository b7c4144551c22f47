/* SPDX-License-Identifier: Apache-2.0
 *
 * The stack of the caller of a door, as one id.
 */
#ifndef MT_STACK_H
#define MT_STACK_H

#include "thread.h"

#include <stdint.h>

/* The registers of a door's caller, as they are when the door returns. */
struct mt_caller {
    uintptr_t ip; /* the door's return address */
    uintptr_t sp; /* behind the slot of that address */
    uintptr_t fp;
};

/* For use in a door, which must be compiled with a frame pointer:
 *
 *      door's frame address ->  | caller's fp    |
 *                               | return address |
 *      caller's sp          ->  | ...            |                          */
#define MT_CALLER()                                                       \
    ((struct mt_caller){                                                  \
        .ip = (uintptr_t)__builtin_return_address(0),                     \
        .sp = (uintptr_t)__builtin_frame_address(0) + 2 * sizeof(void *), \
        .fp = *(const uintptr_t *)__builtin_frame_address(0),             \
    })

/* The id of the stack that begins at `caller`; 0 when there is none to be
 * had. Frames beyond MEMTRACE_DEPTH are cut off on the outer side. */
uint32_t mt_stack_capture(struct mt_thread_state *thread,
                          const struct mt_caller *caller);

#endif
