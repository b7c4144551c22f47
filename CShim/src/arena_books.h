/* SPDX-License-Identifier: Apache-2.0
 *
 * What glibc's malloc says about itself (mallinfo2): how much it has from the
 * system, and how much of it is free and kept. Only where it is the malloc in
 * use, and only where its locks are certainly not held by this very thread.
 */
#ifndef MT_ARENA_BOOKS_H
#define MT_ARENA_BOOKS_H

#include <stdbool.h>
#include <stdint.h>

/* Finds mallinfo2, once, from the constructor. */
void mt_arena_books_begin(void);

/* In a child of fork, from the handler that libc calls once it has put the
 * arenas' locks right. A child made in another way (_Fork, clone) has locks
 * that threads of its parent held, for ever: there the books stay closed. */
void mt_arena_books_allow_child(void);

/* Whether mt_arena_books_read may be called by a thread with this stack, which
 * has just left malloc: not in a signal handler, which may have interrupted
 * malloc with a lock held and got its block without one. A stack that is not
 * known, or not to its end, may be such a handler's. */
bool mt_arena_books_may_be_read(uint32_t stack);

struct mt_arena_books {
    uint64_t system, used, free, mapped, top; /* bytes */
};

/* Takes each arena's lock and walks its lists of free blocks: from 0.2 us to
 * 100 ms, by their number. With signals held back: a handler that came meanwhile
 * and called malloc would wait for a lock of its own thread. */
void mt_arena_books_read(struct mt_arena_books *books);

#endif
