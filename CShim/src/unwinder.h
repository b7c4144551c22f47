/* SPDX-License-Identifier: Apache-2.0
 *
 * libunwind, loaded with dlopen(RTLD_LOCAL): as a NEEDED entry its
 * _Unwind_* and backtrace would stand in front of the program's own libgcc.
 * The only file that knows libunwind.h is unwinder.c.
 */
#ifndef MT_UNWINDER_H
#define MT_UNWINDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Loads the library; from the constructor only, as dlopen allocates and
 * locks. Without it the functions below say false or 0. */
bool mt_unwinder_load(void);
bool mt_unwinder_is_loaded(void);

/* Whether a door was called by libunwind, which is at work in this thread on
 * our behalf. */
bool mt_unwinder_is_caller(uintptr_t return_address);

/* A jump has left libunwind in this thread: it is at work no more. */
void mt_unwinder_leave(void);

/* libunwind tries doubtful addresses by writing them to a pipe, which it opens
 * at the lowest free numbers and goes on using whatever the program puts
 * there. So its pipe is moved up, the doors of the close family step around
 * it, and it is looked at before each use: once it is not the same any more,
 * libunwind is not used again. */
void mt_unwinder_adopt_pipe(int ends[2]);
int mt_unwinder_descriptor(unsigned end); /* 0 or 1; -1: none */
void mt_unwinder_give_up(void);

/* The return addresses of this thread's stack, innermost first, from the
 * frame whose return address is `ip` and whose stack pointer, after the
 * return, is `sp`. Fills at most `limit` and returns how many; *is_cut says
 * that there were more. `exact` gets a bit set (1 << (i % 8) in byte i / 8)
 * for each address that a signal interrupted. Takes no memory of the
 * program's; may take the loader's lock for a moment. */
size_t mt_unwinder_walk(uintptr_t ip, uintptr_t sp, uintptr_t *addresses,
                        uint8_t *exact, size_t limit, bool *is_cut);

/* A frame, as far as the frames outside it depend on it. */
struct mt_unwinder_frame {
    uintptr_t ip, sp, fp;
    bool is_exact; /* ip is where a signal struck, not a return address */
};

/* The caller of `frame`, for a frame whose unwind information needs no other
 * registers; false when there is none. is_exact of the caller is not set. */
bool mt_unwinder_caller(const struct mt_unwinder_frame *frame,
                        struct mt_unwinder_frame *caller);

/* The same for any frame of this thread's stack, by walking to it from here. */
bool mt_unwinder_caller_from_here(const struct mt_unwinder_frame *frame,
                                  struct mt_unwinder_frame *caller);

/* What one libunwind step does at the return address `ip`, given a frame at
 * `sp` and `fp` in memory of ours. The caller must have mapped it all. */
struct mt_unwinder_step {
    bool has_caller;   /* false: outermost, or libunwind does not know */
    bool is_plain;     /* false: a signal frame */
    uintptr_t cfa;     /* stack pointer in the caller */
    uintptr_t ip_slot; /* where the caller's return address was read */
    uintptr_t fp_slot; /* where the caller's fp was read; 0: unchanged */
};
/* `other` is put into all other callee-saved registers, increasingly. */
bool mt_unwinder_step(uintptr_t ip, uintptr_t sp, uintptr_t fp, uintptr_t other,
                      struct mt_unwinder_step *step);

#endif
