/* SPDX-License-Identifier: Apache-2.0
 *
 * What we keep per thread, and the guard that every recording passes: it keeps
 * us from recording ourselves, puts errno back, and notices that the thread
 * needs a window because it is new, or the process is (fork).
 */
#ifndef MT_THREAD_H
#define MT_THREAD_H

#include "attributes.h"
#include "nest.h"
#include "owner.h"
#include "process.h"
#include "trace_format.h"

#include <errno.h>
#include <stdbool.h>

/* No process has this generation, and no thread of a recording one keeps it. */
#define MT_GENERATION_NONE 1u

#define MT_THREAD_NO_FRAME UINTPTR_MAX

/* Events that have one stamp; see stamp.h. */
struct mt_stamp_run {
    uint32_t left;        /* of them, that may still come */
    uint32_t event_count; /* as many as there were to be */
    uint64_t start;       /* their stamp, when the clock was read */
    uint64_t tick;        /* the kernel's, then */
    uint32_t instants;    /* told by then */
};

struct mt_thread_state {
    /* Equal to the process's generation while `window` may be written to;
     * MT_GENERATION_NONE before, never 0: that is a process's that is off. */
    uint64_t generation;
    uint32_t depth; /* 1 while one of our functions is at work */
    /* The epoch (images.h) in which the thread's memory of stacks may be asked
     * as it is; MT_EPOCH_NONE: stack.c has to look into it first. */
    uint32_t stack_epoch;
    /* The frame of the clerk's function at work, which was called from within
     * this library; MT_THREAD_NO_FRAME: another function of ours. */
    uintptr_t clerk_frame;
    struct mt_stack_memory *stack; /* see stack.h */
    struct mt_window *window;
    uint32_t committed;     /* bytes of its events: the next goes there */
    uint32_t capacity;      /* bytes that there is room for */
    uint64_t last_ticks;    /* of its newest event: its stamps never go back */
    uint32_t owner_window;  /* its window in owner words; see owner.h */
    uint32_t closing_epoch; /* that of the dlclose it is inside of; or 0 */
    struct mt_stamp_run stamps;
    struct mt_owner_region region; /* see owner.h */
    struct mt_nest nest;
    int saved_errno;
} __attribute__((aligned(64)));
#define MT_EPOCH_NONE UINT32_MAX

extern MT_THREAD_LOCAL struct mt_thread_state mt_thread;

/* Gets the thread a window, the process a file, or counts what cannot be
 * recorded; called when the generations differ. Leaves errno as it is. */
bool mt_thread_prepare(struct mt_thread_state *thread);

/* Called when one of our functions is at work in this thread: a signal handler
 * has interrupted it. Nearly always false, and the event counted as lost. True
 * when the handler was left by a jump, which no function of ours will ever
 * know of: then the thread may record again. */
bool mt_thread_was_left(struct mt_thread_state *thread);

/* Whether an event may be recorded at once. */
static inline bool mt_thread_is_ready(const struct mt_thread_state *thread)
{
    return MT_LIKELY(!thread->depth) &&
           MT_LIKELY(thread->generation == mt_process_generation());
}

static inline struct mt_thread_state *mt_thread_begin_in(uintptr_t frame)
{
    struct mt_thread_state *thread = &mt_thread;
    if (MT_UNLIKELY(thread->depth) && !mt_thread_was_left(thread))
        return NULL;
    thread->clerk_frame = frame;
    thread->depth = 1;
    if (MT_LIKELY(thread->generation == mt_process_generation()) ||
        mt_thread_prepare(thread))
        return thread;
    thread->depth = 0;
    return NULL;
}

/* This thread's state when something may be recorded now, else NULL. After a
 * non-NULL result mt_thread_end_event must follow. What is called in between
 * and makes system calls puts errno back itself: most events make none. For
 * functions of the clerk (record.c) alone, as their callers are ours. */
static inline struct mt_thread_state *mt_thread_begin_event(void)
{
    return mt_thread_begin_in((uintptr_t)__builtin_frame_address(0));
}

/* The same when mt_thread_is_ready has said so. */
static inline void mt_thread_begin_ready_event(struct mt_thread_state *thread)
{
    thread->clerk_frame = (uintptr_t)__builtin_frame_address(0);
    thread->depth = 1;
}

static inline void mt_thread_end_event(struct mt_thread_state *thread)
{
    thread->depth = 0;
}

/* The same for any function of ours, and errno is put back at the end. */
static inline struct mt_thread_state *mt_thread_enter(void)
{
    struct mt_thread_state *thread = mt_thread_begin_in(MT_THREAD_NO_FRAME);
    if (thread)
        thread->saved_errno = errno;
    return thread;
}

static inline void mt_thread_leave(struct mt_thread_state *thread)
{
    errno = thread->saved_errno;
    mt_thread_end_event(thread);
}

/* While memtrace itself calls into libc: what that allocates is MT_OWN. */
static inline void mt_thread_begin_own(void)
{
    mt_thread.clerk_frame = MT_THREAD_NO_FRAME;
    mt_thread.depth++;
}

static inline void mt_thread_end_own(void)
{
    mt_thread.depth--;
}

/* Creates the key whose destructor tells when a thread is about to end. */
void mt_thread_watch_ends(void);

#endif
