/* SPDX-License-Identifier: Apache-2.0
 *
 * A thread's own piece of the file: raw events are put into it, committed one
 * by one, and sealed into an MT_CHUNK_EVENTS when it is full.
 */
#ifndef MT_WINDOW_H
#define MT_WINDOW_H

#include "thread.h"

#include <stdatomic.h>

/* Forgets all windows: they are the parent's. */
void mt_window_abandon_all(void);

/* Gives the thread a window: one left by a thread that ended, or a new one.
 * Sets window, committed and capacity; false when the file cannot grow. */
bool mt_window_acquire(struct mt_thread_state *thread);

/* Takes up the thread's window after its last committed event: a jump has left
 * it in the middle of one. */
void mt_window_go_on(struct mt_thread_state *thread);

/* Says that the window's thread is about to end. */
void mt_window_offer(struct mt_window *window);

/* Writes the window's events out and empties it; false, with the recording
 * stopped, when that fails. */
bool mt_window_seal(struct mt_thread_state *thread);

/* Where the window's events begin. */
static inline uint64_t *mt_window_events(const struct mt_window *window)
{
    return (uint64_t *)((uintptr_t)window + MT_WINDOW_EVENTS_OFFSET);
}

/* Room for one event of `word_count` words in the window as it is, or NULL. */
static inline uint64_t *mt_window_room(const struct mt_thread_state *thread,
                                       uint32_t word_count)
{
    if (MT_UNLIKELY(thread->capacity - thread->committed <
                    word_count * sizeof(uint64_t)))
        return NULL;
    return mt_window_events(thread->window) +
           thread->committed / sizeof(uint64_t);
}

/* The same, made if need be; NULL when the file cannot grow. */
static inline uint64_t *mt_window_reserve(struct mt_thread_state *thread,
                                          uint32_t word_count)
{
    uint64_t *words = mt_window_room(thread, word_count);
    if (MT_LIKELY(words) || !mt_window_seal(thread))
        return words;
    return mt_window_events(thread->window);
}

/* Makes the event exist. Release: a reader in another process that sees the
 * new count (TraceFile's window copy) sees the whole event. */
static inline void mt_window_commit(struct mt_thread_state *thread,
                                    uint32_t word_count)
{
    thread->committed += word_count * (uint32_t)sizeof(uint64_t);
    atomic_store_explicit((_Atomic uint64_t *)&thread->window->committed,
                          thread->committed, memory_order_release);
}

#endif
