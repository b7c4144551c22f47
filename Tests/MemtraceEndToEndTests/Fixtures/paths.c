/* SPDX-License-Identifier: Apache-2.0
 *
 * The same place in the same depth, by ever other ways: eight functions with
 * frames of one size call each other as the bits of a number say, so that the
 * (ip, sp) of an allocation tells nothing of its callers. Some ways come again
 * soon, some late, some never. Each way keeps books of its own.
 *
 *     paths ROUNDS SEED     prints: way blocks, for every way with a leak
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#define NEVER __attribute__((noinline))
#define DEPTH 6

static NEVER void walk(uint32_t way, unsigned depth);
static unsigned keep;

#define STEP(number)                                               \
    static NEVER void way_##number(uint32_t way, unsigned depth)   \
    {                                                              \
        char frame[40];                                            \
        __asm__ volatile("" ::"r"(frame), "i"(number) : "memory"); \
        walk(way, depth);                                          \
        __asm__ volatile("");                                      \
    }
STEP(0)
STEP(1)
STEP(2)
STEP(3)
STEP(4)
STEP(5)
STEP(6)
STEP(7)

static NEVER void walk(uint32_t way, unsigned depth)
{
    static void (*const steps[])(uint32_t, unsigned) = {
        way_0, way_1, way_2, way_3, way_4, way_5, way_6, way_7};
    if (depth)
        steps[way % 8](way / 8, depth - 1);
    else if (keep)
        *(volatile char *)malloc(24) = 1;
    else
        free(malloc(24));
    __asm__ volatile("");
}

int main(int argc, char **argv)
{
    static uint32_t leaks[1u << 3 * DEPTH];
    unsigned rounds = argc > 1 ? (unsigned)atoi(argv[1]) : 1000;
    uint64_t random = argc > 2 ? (unsigned)atoi(argv[2]) : 1;
    uint32_t recent[8] = {0};
    for (unsigned i = 0; i < rounds; i++) {
        random = random * 6364136223846793005u + 1442695040888963407u;
        uint32_t draw = (uint32_t)(random >> 33);
        uint32_t way = recent[draw % 8];
        if (draw / 8 % 4 == 0) /* one end or the other is new */
            way = draw / 32 % 2 ? way ^ (1 + draw / 64 % 7)
                                : way ^ (1 + draw / 64 % 7) << 3 * (DEPTH - 1);
        recent[i % 8] = way;
        keep = draw / 4096 % 16 == 0;
        leaks[way] += keep;
        walk(way, DEPTH);
    }
    for (uint32_t way = 0; way < 1u << 3 * DEPTH; way++)
        if (leaks[way])
            printf("%u %u\n", way, leaks[way]);
    return 0;
}
