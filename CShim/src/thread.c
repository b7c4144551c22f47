/* SPDX-License-Identifier: Apache-2.0
 *
 * See thread.h.
 */
#include "thread.h"

#include "pages.h"
#include "real.h"
#include "stack_bounds.h"
#include "trace_file.h"
#include "unwinder.h"
#include "window.h"

#include <pthread.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

MT_THREAD_LOCAL struct mt_thread_state mt_thread = {
    .generation = MT_GENERATION_NONE,
    .stack_epoch = MT_EPOCH_NONE,
    .clerk_frame = MT_THREAD_NO_FRAME,
};

static pthread_key_t end_key;

static bool prepare(struct mt_thread_state *thread)
{
    struct mt_process_page *page = mt_process.page;
    if (!page)
        return false; /* before the constructor: see early.h */
    if (atomic_load_explicit(&page->phase, memory_order_acquire) ==
        MT_PHASE_UNBORN)
        mt_process_begin_child();

    switch (atomic_load_explicit(&page->phase, memory_order_acquire)) {
    case MT_PHASE_RECORDING:
        /* Partner: begin_trace, which stores it when all is made. */
        if (atomic_load_explicit(&page->generation, memory_order_acquire))
            break;
        __attribute__((fallthrough));
    case MT_PHASE_BEGINNING:
        /* The file may still be the parent's, or none at all. */
        atomic_fetch_add(&page->missed, 1);
        return false;
    case MT_PHASE_STOPPED:
        mt_trace_file_lost(1);
        return false;
    default:
        return false;
    }
    if (!mt_window_acquire(thread)) {
        mt_trace_file_lost(1);
        return false;
    }
    /* Any value but NULL makes the destructor run. */
    pthread_setspecific(end_key, thread);
    uint64_t generation = mt_process_generation();
    thread->generation = generation ? generation : MT_GENERATION_NONE;
    return generation != 0;
}

bool mt_thread_prepare(struct mt_thread_state *thread)
{
    int saved_errno = errno;
    bool is_ready = prepare(thread);
    errno = saved_errno;
    return is_ready;
}

/* ------------------------------------------------------- left by a jump */

static bool is_on_alternate_stack(void)
{
    stack_t stack;
    return sigaltstack(NULL, &stack) || stack.ss_flags & SS_ONSTACK;
}

static bool is_one_stack(uintptr_t one, uintptr_t other)
{
    struct mt_stack_bounds bounds = {0};
    uintptr_t end = mt_stack_bounds_end(&bounds, one);
    return end && mt_stack_bounds_end(&bounds, other) == end;
}

/* While the clerk's frame is live the word above its frame pointer is its
 * return address, into this library. When it is not, that frame is gone. When
 * it is, it may be an old word that nobody has written over; but no live frame
 * lies below the caller of a function that is higher on the same stack. */
static bool is_clerk_gone(uintptr_t clerk_frame, uintptr_t here)
{
    uintptr_t slot = clerk_frame + sizeof(uintptr_t);
    if (clerk_frame == MT_THREAD_NO_FRAME || is_on_alternate_stack())
        return false;
    if (!mt_pages_can_read(slot) || !mt_real_is_own(*(const uintptr_t *)slot))
        return true;
    return here >= clerk_frame && is_one_stack(here, clerk_frame);
}

MT_COLD bool mt_thread_was_left(struct mt_thread_state *thread)
{
    int saved_errno = errno;
    /* More than one: what libc does for us is at work. */
    bool was_left =
        thread->depth == 1 && mt_process_generation() &&
        thread->generation == mt_process_generation() &&
        is_clerk_gone(thread->clerk_frame,
                      *(const uintptr_t *)__builtin_frame_address(0));
    if (was_left) {
        thread->depth = 0;
        mt_unwinder_leave();
        mt_window_go_on(thread);
    } else {
        mt_process_missed();
    }
    errno = saved_errno;
    return was_left;
}

/* ------------------------------------------------------------------- ends */

/* Runs among the destructors of thread-specific data; those behind it, and
 * libc itself, may still free. So the window is not taken away, but offered:
 * the next thread in need takes it once this one is gone. */
static void thread_is_ending(void *thread_state)
{
    struct mt_thread_state *thread = thread_state;
    if (thread->generation == mt_process_generation())
        mt_window_offer(thread->window);
}

void mt_thread_watch_ends(void)
{
    pthread_key_create(&end_key, thread_is_ending);
}
