/* SPDX-License-Identifier: Apache-2.0
 *
 * See window.h. The owner alone writes to a window, without any lock. Windows
 * change hands through `claims`, one word per window.
 */
#include "window.h"

#include "encode.h"
#include "file_guard.h"
#include "owner.h"
#include "pages.h"
#include "stack_memory.h"
#include "trace_file.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define WINDOW_LIMIT 65536u /* threads at work at once */
#define CLAIM_ATTEMPTS 64u

enum claim {
    CLAIM_OWNED = 0,
    CLAIM_OFFERED = 1, /* its thread is ending, or has ended */
};

struct slot {
    struct mt_window *window;
    struct mt_stack_memory *stack; /* goes from thread to thread with it */
    _Atomic uint32_t claim;
};

static struct {
    struct slot *slots;
    _Atomic uint32_t slot_count;
    _Atomic uint32_t offered_count;
} state;

static size_t window_byte_count(void)
{
    return mt_process.options.window_kilobytes * (size_t)1024;
}

static uint32_t own_tid(void)
{
    return (uint32_t)syscall(SYS_gettid);
}

void mt_window_abandon_all(void)
{
    uint32_t count = atomic_load(&state.slot_count);
    for (uint32_t i = 0; i < count && i < WINDOW_LIMIT; i++) {
        mt_trace_file_unmap_chunk(state.slots[i].window, window_byte_count());
        mt_stack_memory_delete(state.slots[i].stack);
    }
    mt_pages_unmap(state.slots, WINDOW_LIMIT * sizeof(struct slot));
    state.slots = mt_pages_map(WINDOW_LIMIT * sizeof(struct slot));
    atomic_store(&state.slot_count, 0);
    atomic_store(&state.offered_count, 0);
}

static void put_in_place(struct mt_thread_state *thread,
                         struct mt_window *window)
{
    thread->window = window;
    thread->committed = 0;
    thread->capacity =
        (uint32_t)(window_byte_count() - MT_WINDOW_EVENTS_OFFSET);
    thread->owner_window = mt_owner_window(window->ordinal, window->sequence);
}

/* After its last event; as the window says, unless the file has become such that
 * it says nonsense. */
static void take_up(struct mt_thread_state *thread)
{
    uint64_t committed = thread->window->committed;
    thread->committed = committed <= thread->capacity ? (uint32_t)committed : 0;
}

static void introduce(struct mt_window *window)
{
    struct mt_thread *owner = &window->thread;
    owner->number = atomic_fetch_add(&mt_process.page->thread_count, 1) + 1;
    owner->tid = own_tid();
    owner->start_ticks = mt_clock_now(&mt_process.clock);
    prctl(PR_GET_NAME, owner->name);
}

/* Whether the thread is gone for good: nothing of it can write any more. */
static bool has_ended(uint32_t tid)
{
    return tid == own_tid() ||
           (syscall(SYS_tgkill, getpid(), (pid_t)tid, 0) && errno == ESRCH);
}

/* The slot of a window whose thread has ended, or NULL. */
static struct slot *claimed(void)
{
    uint32_t count = atomic_load(&state.slot_count);
    if (count > WINDOW_LIMIT)
        count = WINDOW_LIMIT;
    uint32_t attempts = 0;
    for (uint32_t i = 0; i < count && attempts < CLAIM_ATTEMPTS &&
                         atomic_load(&state.offered_count);
         i++) {
        struct slot *slot = &state.slots[i];
        uint32_t offered = CLAIM_OFFERED;
        if (!atomic_compare_exchange_strong(&slot->claim, &offered,
                                            CLAIM_OWNED))
            continue;
        attempts++;
        if (has_ended(slot->window->thread.tid)) {
            atomic_fetch_sub(&state.offered_count, 1);
            return slot;
        }
        atomic_store(&slot->claim, CLAIM_OFFERED);
    }
    return NULL;
}

/* A window of its own, in `slot` if there is none left for it. */
static struct slot *new_window(struct slot *slot)
{
    struct mt_window *window =
        mt_trace_file_map_chunk(MT_CHUNK_WINDOW, window_byte_count());
    if (!window)
        return NULL;
    uint32_t index = atomic_fetch_add(&state.slot_count, 1);
    window->sequence = 1;
    window->ordinal = index + 1;
    if (index < WINDOW_LIMIT)
        slot = &state.slots[index];
    slot->window = window;
    slot->stack = mt_stack_memory_new(mt_process.options.depth);
    return slot;
}

bool mt_window_acquire(struct mt_thread_state *thread)
{
    struct slot passing;
    struct slot *slot = claimed();
    if (!slot)
        slot = new_window(&passing);
    if (!slot)
        return false;
    struct mt_window *window = slot->window;
    put_in_place(thread, window);
    thread->stack = slot->stack;
    thread->stack_epoch = MT_EPOCH_NONE;
    if (thread->stack)
        mt_stack_memory_forget(thread->stack); /* it was another thread's */
    take_up(thread);
    if (thread->committed && !mt_window_seal(thread))
        return false;
    window->last_begun = 0; /* another thread's */
    thread->last_ticks = 0; /* perhaps a parent's, on another clock */
    thread->stamps = (struct mt_stamp_run){0};
    thread->region = (struct mt_owner_region){0};
    introduce(window);
    return true;
}

void mt_window_offer(struct mt_window *window)
{
    uint32_t index = window->ordinal - 1;
    if (index >= WINDOW_LIMIT)
        return;
    atomic_fetch_add(&state.offered_count, 1);
    atomic_store(&state.slots[index].claim, CLAIM_OFFERED);
}

static bool seal(struct mt_thread_state *thread)
{
    struct mt_window *window = thread->window;
    size_t committed = thread->committed;
    if (window->thread.tid == own_tid())
        prctl(PR_GET_NAME, window->thread.name);
    uint64_t last_begun = window->last_begun;
    if (!mt_encode_and_write(window, committed, &last_begun))
        return false;
    window->last_begun = last_begun;
    /* In this order: a reader, or a kill between the two, finds either the
     * sealed copy and an empty window, or both under one sequence number. */
    atomic_store_explicit((_Atomic uint64_t *)&window->committed, 0,
                          memory_order_release);
    atomic_store_explicit((_Atomic uint64_t *)&window->sequence,
                          window->sequence + 1, memory_order_release);
    put_in_place(thread, window);
    return true;
}

void mt_window_go_on(struct mt_thread_state *thread)
{
    put_in_place(thread, thread->window);
    take_up(thread);
    if (thread->stack)
        mt_stack_memory_forget(thread->stack); /* it may be half changed */
}

/* Signals are held back: a handler that jumps out of a seal would leave the
 * window under a wrong number, and one that allocates is not to be lost for
 * the longest thing that a door ever does. */
bool mt_window_seal(struct mt_thread_state *thread)
{
    int saved_errno = errno;
    sigset_t old;
    mt_file_guard_hold_signals(&old);
    bool is_sealed = seal(thread);
    pthread_sigmask(SIG_SETMASK, &old, NULL);
    errno = saved_errno;
    return is_sealed;
}
