/* SPDX-License-Identifier: Apache-2.0
 *
 * Blocks handed from thread to thread through a small lock-free ring: one
 * thread allocates, another reallocates or frees at once, so that addresses
 * come back to a third within nanoseconds. Keeps books.
 * Usage: pass OPERATIONS THREADS SEED
 */
#define _GNU_SOURCE
#include "books.h"
#include <pthread.h>
#include <stdlib.h>

enum { in_main, in_thread, in_make, in_grow };
static const char *const names[] = {"main", "pass_thread", "make_block",
                                    "grow_block"};

enum { ring_count = 16, thread_limit = 16 };

/* Dmitry Vyukov's bounded queue: a cell's turn says who may use it next. */
static struct {
    struct {
        uint64_t turn;
        struct books_block block;
    } cells[ring_count];
    uint64_t head __attribute__((aligned(64)));
    uint64_t tail __attribute__((aligned(64)));
} ring;

static bool push(struct books_block block)
{
    uint64_t tail = __atomic_load_n(&ring.tail, __ATOMIC_RELAXED);
    for (;;) {
        uint64_t turn = __atomic_load_n(&ring.cells[tail % ring_count].turn,
                                        __ATOMIC_ACQUIRE);
        if (turn < tail)
            return false;
        if (turn > tail)
            tail = __atomic_load_n(&ring.tail, __ATOMIC_RELAXED);
        else if (__atomic_compare_exchange_n(&ring.tail, &tail, tail + 1, true,
                                             __ATOMIC_RELAXED,
                                             __ATOMIC_RELAXED))
            break;
    }
    ring.cells[tail % ring_count].block = block;
    __atomic_store_n(&ring.cells[tail % ring_count].turn, tail + 1,
                     __ATOMIC_RELEASE);
    return true;
}

static bool pop(struct books_block *block)
{
    uint64_t head = __atomic_load_n(&ring.head, __ATOMIC_RELAXED);
    for (;;) {
        uint64_t turn = __atomic_load_n(&ring.cells[head % ring_count].turn,
                                        __ATOMIC_ACQUIRE);
        if (turn < head + 1)
            return false;
        if (turn > head + 1)
            head = __atomic_load_n(&ring.head, __ATOMIC_RELAXED);
        else if (__atomic_compare_exchange_n(&ring.head, &head, head + 1, true,
                                             __ATOMIC_RELAXED,
                                             __ATOMIC_RELAXED))
            break;
    }
    *block = ring.cells[head % ring_count].block;
    __atomic_store_n(&ring.cells[head % ring_count].turn, head + ring_count,
                     __ATOMIC_RELEASE);
    return true;
}

__attribute__((noinline)) static struct books_block make_block(size_t size)
{
    books_enter(in_make);
    void *address = malloc(size);
    if (!address)
        _exit(95);
    struct books_block block = books_begin(address, size);
    books_leave();
    return block;
}

__attribute__((noinline)) static struct books_block
grow_block(struct books_block old, size_t size)
{
    books_enter(in_grow);
    void *address = realloc(old.address, size);
    if (!address)
        _exit(94);
    books_end(old);
    struct books_block block = books_begin(address, size);
    books_leave();
    return block;
}

static void let_go(struct books_block block)
{
    books_end(block);
    free(block.address);
}

static void pass_blocks(uint64_t operations, uint64_t seed)
{
    struct books_block block;
    for (uint64_t i = 0; i < operations; i++) {
        uint64_t random = books_random(&seed);
        if (!(random % 8 < 5 && pop(&block)))
            block = make_block(16 + random / 8 % 3 * 24);
        else if (random % 8 < 2)
            block = grow_block(block, 1 + (random >> 8) % 200);
        else if (random % 8 < 4) {
            let_go(block);
            continue;
        }
        if (!push(block))
            let_go(block);
    }
}

struct work {
    uint64_t operations, seed;
};

__attribute__((noinline)) static void *pass_thread(void *argument)
{
    const struct work *work = argument;
    books_enter(in_thread);
    pass_blocks(work->operations, work->seed);
    books_leave();
    return NULL;
}

int main(int argc, char **argv)
{
    uint64_t operations = argc > 1 ? strtoull(argv[1], NULL, 0) : 100000;
    int count = argc > 2 ? atoi(argv[2]) : 4;
    uint64_t seed = argc > 3 ? strtoull(argv[3], NULL, 0) : 1;
    pthread_t threads[thread_limit];
    struct work work[thread_limit];
    books_open(names);
    books_enter(in_main);
    for (uint64_t i = 0; i < ring_count; i++)
        ring.cells[i].turn = i;
    for (int i = 0; i < count; i++) {
        work[i].operations = operations / (uint64_t)count;
        work[i].seed = (seed + (uint64_t)i) * 0x9e3779b97f4a7c15u | 1;
        pthread_create(&threads[i], NULL, pass_thread, &work[i]);
    }
    for (int i = 0; i < count; i++)
        pthread_join(threads[i], NULL);
    books_leave(); /* what is still in the ring is the leak */
    books_write(1);
    return 0;
}
