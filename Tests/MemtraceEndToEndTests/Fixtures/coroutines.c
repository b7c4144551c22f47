/* SPDX-License-Identifier: Apache-2.0
 *
 * Coroutines by makecontext and swapcontext: many stacks in one thread, each
 * switched away from in the middle of its calls, their memory used again by
 * coroutines of another entry. Keeps books. Usage: coroutines COUNT SEED
 */
#define _GNU_SOURCE
#include "books.h"
#include <stdlib.h>
#include <ucontext.h>

enum { in_main, in_scheduler, in_first, in_second, in_deeper, in_take };
static const char *const names[] = {"main",          "scheduler",
                                    "first_entry",   "second_entry",
                                    "deeper_and_on", "take_block"};

#define NEVER __attribute__((noinline))
enum { slot_count = 24, stack_byte_count = 64 * 1024, steps = 40 };

static struct coroutine {
    ucontext_t context;
    char *stack;
    bool done;
    int depth; /* its shadow stack, while it is not running */
    uint8_t functions[books_depth_limit];
} slots[slot_count];

static ucontext_t scheduler_context;
static struct coroutine *running;
static uint64_t seed;
static struct books_block held[512];

static NEVER void take_block(void)
{
    books_enter(in_take);
    uint64_t random = books_random(&seed), index = random % 512;
    size_t size = 1 + (random >> 20) % 300;
    if (held[index].path) {
        books_end(held[index]);
        free(held[index].address);
    }
    void *address = malloc(size);
    held[index] = books_begin(address, size);
    books_leave();
}

static void swap_shadow_stack(struct coroutine *coroutine)
{
    int depth = books_thread.depth;
    uint8_t functions[books_depth_limit];
    memcpy(functions, books_thread.functions, sizeof functions);
    books_thread.depth = coroutine->depth;
    memcpy(books_thread.functions, coroutine->functions, sizeof functions);
    coroutine->depth = depth;
    memcpy(coroutine->functions, functions, sizeof functions);
}

static void give_way(void)
{
    swap_shadow_stack(running);
    swapcontext(&running->context, &scheduler_context);
}

static NEVER void deeper_and_on(int depth)
{
    books_enter(in_deeper);
    take_block();
    if (books_random(&seed) % 3 == 0)
        give_way();
    take_block();
    if (depth > 0)
        deeper_and_on(depth - 1);
    take_block();
    books_leave();
}

/* Two entries with frames of one size: their stacks differ in little. */
static NEVER void first_entry(void)
{
    books_enter(in_first);
    for (int i = 0; i < steps; i++)
        deeper_and_on((int)(books_random(&seed) % 12));
    running->done = true;
    books_leave();
    give_way();
}

static NEVER void second_entry(void)
{
    books_enter(in_second);
    for (int i = 0; i < steps; i++)
        deeper_and_on((int)(books_random(&seed) % 12));
    running->done = true;
    books_leave();
    give_way();
}

static NEVER void scheduler(int count)
{
    books_enter(in_scheduler);
    int started = 0, ended = 0;
    while (ended < count) {
        struct coroutine *slot = &slots[books_random(&seed) % slot_count];
        if (slot->stack && slot->done) {
            if (started >= count)
                continue;
            slot->done = false;
        } else if (slot->stack) {
            running = slot;
            swap_shadow_stack(slot);
            swapcontext(&scheduler_context, &slot->context);
            ended += slot->done;
            continue;
        } else if (started >= count) {
            continue;
        } else {
            slot->stack = books_map(stack_byte_count);
        }
        getcontext(&slot->context);
        slot->context.uc_stack.ss_sp = slot->stack;
        slot->context.uc_stack.ss_size = stack_byte_count;
        slot->context.uc_link = NULL;
        slot->depth = 0;
        makecontext(&slot->context, started++ % 2 ? first_entry : second_entry,
                    0);
    }
    books_leave();
}

int main(int argc, char **argv)
{
    int count = argc > 1 ? atoi(argv[1]) : 100;
    seed =
        (argc > 2 ? strtoull(argv[2], NULL, 0) : 1) * 0x9e3779b97f4a7c15u | 1;
    books_open(names);
    books_enter(in_main);
    scheduler(count);
    books_leave();
    books_write(1);
    return 0;
}
