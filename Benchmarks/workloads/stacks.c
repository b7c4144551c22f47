/* SPDX-License-Identifier: Apache-2.0
 *
 * STACKS distinct stacks, one after the other and then again from the first,
 * until PAIRS malloc/free pairs are made. A stack's number, four bits a frame,
 * says which of sixteen functions is called on each of five levels; fifteen
 * more frames lie below. Usage: stacks STACKS PAIRS
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

enum { level_count = 5, outer_count = 15, stack_limit = 1 << 20 };

#define NEVER_INLINED __attribute__((noinline, noclone))
#define KEEP_FRAME(value) __asm__ volatile("" : "+r"(value) : : "memory")

static void *volatile block;

static long next(uint32_t path, int level);

#define STEP(number)                                                  \
    NEVER_INLINED static long step_##number(uint32_t path, int level) \
    {                                                                 \
        volatile char frame[8 + 8 * number];                          \
        frame[0] = number;                                            \
        long result = next(path, level - 1) + frame[0];               \
        KEEP_FRAME(result);                                           \
        return result;                                                \
    }
// clang-format off
#define STEPS(X)                                                      \
    X(0) X(1) X(2) X(3) X(4) X(5) X(6) X(7)                           \
    X(8) X(9) X(10) X(11) X(12) X(13) X(14) X(15)
// clang-format on
STEPS(STEP)

#define NAME(number) step_##number,
static long (*const steps[16])(uint32_t, int) = {STEPS(NAME)};

static long next(uint32_t path, int level)
{
    if (level > 0)
        return steps[path >> 4 * (level - 1) & 15](path, level);
    block = malloc(16 + path % 64);
    free(block);
    return 0;
}

NEVER_INLINED static long churn(long stack_count, long pair_count)
{
    long sum = 0;
    uint32_t path = 0;
    for (long pair = 0; pair < pair_count; pair++) {
        sum += next(path, level_count);
        if (++path == stack_count)
            path = 0;
    }
    return sum;
}

NEVER_INLINED static long descend(int depth, long stack_count, long pair_count)
{
    long result = depth ? descend(depth - 1, stack_count, pair_count)
                        : churn(stack_count, pair_count);
    KEEP_FRAME(result);
    return result;
}

int main(int argument_count, char **arguments)
{
    long stack_count = argument_count == 3 ? atol(arguments[1]) : 0;
    long pair_count = argument_count == 3 ? atol(arguments[2]) : 0;
    if (stack_count < 1 || stack_count > stack_limit || pair_count < 1) {
        fprintf(stderr, "usage: stacks STACKS PAIRS\n");
        return 64;
    }
    long sum = descend(outer_count - 2, stack_count, pair_count);
    printf("%ld stacks, %ld pairs, %ld\n", stack_count, pair_count, sum);
    return 0;
}
