/* SPDX-License-Identifier: Apache-2.0
 *
 * See thread.h.
 */
#include "thread.h"

#include "trace_file.h"
#include "window.h"

#include <pthread.h>

MT_THREAD_LOCAL struct mt_thread_state mt_thread = {
    .generation = MT_GENERATION_NONE,
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
        break;
    case MT_PHASE_BEGINNING:
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
