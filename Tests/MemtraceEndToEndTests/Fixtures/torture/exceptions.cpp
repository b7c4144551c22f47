// SPDX-License-Identifier: Apache-2.0
//
// Throws COUNT exceptions through eight frames, each of which holds a block that it frees while the
// stack is unwound, and keeps one block in a thousand in keep_on_the_way(): 40 bytes each. Usage:
// exceptions COUNT
#include <cstdio>
#include <cstdlib>
#include <new>

#define NEVER __attribute__((noinline))

enum { depth = 8, kept_every = 1000 };

static long unwound, caught;

struct holder {
    void *block;
    explicit holder(std::size_t size) : block(std::malloc(size))
    {
        *static_cast<volatile char *>(block) = 1;
    }
    ~holder()
    {
        std::free(block);
        unwound++;
    }
};

struct failure {
    long number;
};

NEVER static void keep_on_the_way()
{
    *static_cast<volatile char *>(std::malloc(40)) = 1;
}

NEVER static void descend(int left, long number)
{
    holder held(16 + static_cast<std::size_t>(left) * 8);
    if (left == 0)
        throw failure{number};
    descend(left - 1, number);
}

NEVER static void attempt(long number)
{
    try {
        descend(depth - 1, number);
    } catch (const failure &failure) {
        caught++;
        if (failure.number % kept_every == 0)
            keep_on_the_way();
    }
}

int main(int argc, char **argv)
{
    long count = argc > 1 ? std::atol(argv[1]) : 10000;
    for (long number = 0; number < count; number++)
        attempt(number);
    std::printf("caught %ld unwound %ld\n", caught, unwound);
    return 0;
}
