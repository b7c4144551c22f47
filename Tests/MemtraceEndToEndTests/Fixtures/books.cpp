// SPDX-License-Identifier: Apache-2.0
//
// The walk of books.c in C++: every form of new and delete, strings and vectors, and exceptions
// thrown through frames that hold blocks. Usage: books-cpp OPERATIONS THREADS SEED
#include "books.h"
#include <cstdlib>
#include <new>
#include <pthread.h>
#include <stdexcept>
#include <string>

enum { in_main, in_thread, in_plain, in_array, in_throw, in_catch, in_string };
static const char *const names[] = {"main",       "walk_thread", "walk_plain",
                                    "walk_array", "walk_throw",  "walk_catch",
                                    "walk_string"};

enum { live_limit = 2048, level_limit = 9, thread_limit = 16, walk_count = 5 };

// How a block has to be deleted.
enum class form {
    plain,
    sized,
    nothrow,
    aligned,
    array,
    sized_array,
    aligned_array,
    count
};

struct live_block {
    books_block block;
    form made_by;
};

struct walker {
    uint64_t random;
    int64_t operations_left;
    live_block *live;
    std::size_t live_count;
};

struct small_error {
    int level;
};

static void *volatile kept; // so that no allocation is optimized away

#define ALWAYS static inline __attribute__((always_inline))
#define NEVER extern "C" __attribute__((noinline))

ALWAYS void *make(form how, std::size_t size)
{
    constexpr std::align_val_t wide{128};
    switch (how) {
    case form::nothrow:
        return ::operator new(size, std::nothrow);
    case form::aligned:
        return ::operator new(size, wide);
    case form::array:
    case form::sized_array:
        return ::operator new[](size);
    case form::aligned_array:
        return ::operator new[](size, wide, std::nothrow);
    default:
        return ::operator new(size);
    }
}

ALWAYS void unmake(form how, void *address, std::size_t size)
{
    constexpr std::align_val_t wide{128};
    switch (how) {
    case form::sized:
        return ::operator delete(address, size);
    case form::nothrow:
        return ::operator delete(address, std::nothrow);
    case form::aligned:
        return ::operator delete(address, size, wide);
    case form::array:
        return ::operator delete[](address);
    case form::sized_array:
        return ::operator delete[](address, size);
    case form::aligned_array:
        return ::operator delete[](address, wide);
    default:
        return ::operator delete(address);
    }
}

ALWAYS void release(walker *walker, std::size_t index)
{
    live_block gone = walker->live[index];
    walker->live[index] = walker->live[--walker->live_count];
    books_end(gone.block);
    unmake(gone.made_by, gone.block.address, gone.block.byte_count);
}

ALWAYS void act(walker *walker)
{
    walker->operations_left--;
    uint64_t random = books_random(&walker->random);
    if (walker->live_count == live_limit ||
        (walker->live_count && random & 1)) {
        release(walker, (random >> 8) % walker->live_count);
        return;
    }
    auto how =
        static_cast<form>((random >> 8) % static_cast<unsigned>(form::count));
    std::size_t size = random >> 16 & (random % 100 == 0 ? 0xffff : 0xff);
    void *address = make(how, size);
    if (!address)
        _exit(95);
    walker->live[walker->live_count++] = {books_begin(address, size), how};
}

extern "C" {
using walk = void(walker *, int level);
walk walk_plain, walk_array, walk_throw, walk_catch, walk_string;
}
static walk *const walks[] = {walk_plain, walk_catch, walk_array, walk_throw,
                              walk_string};

ALWAYS void stroll(walker *walker, int level)
{
    act(walker);
    uint64_t random = books_random(&walker->random);
    if (level >= level_limit || walker->operations_left <= 0)
        return;
    unsigned next = level < 2 ? unsigned(random / 8 % walk_count)
                              : unsigned(level % walk_count);
    if (random % 8 != 0)
        walks[next](walker, level + 1);
}

// Leaves the books' shadow stack as it was, exceptions or not.
struct in_function {
    int depth = books_thread.depth;
    explicit in_function(uint8_t function)
    {
        books_enter(function);
    }
    ~in_function()
    {
        books_thread.depth = depth;
    }
};

NEVER void walk_plain(walker *walker, int level)
{
    in_function here(in_plain);
    stroll(walker, level);
    act(walker);
}

NEVER void walk_array(walker *walker, int level)
{
    in_function here(in_array);
    volatile char frame[3000];
    frame[level] = 1;
    int *numbers = new int[25];
    books_block block = books_begin(numbers, 100);
    struct owner {
        int *numbers;
        books_block block;
        ~owner()
        {
            books_end(block);
            delete[] numbers;
        }
    } owner{numbers, block};
    stroll(walker, level);
    frame[0] = frame[level];
}

NEVER void walk_throw(walker *walker, int level)
{
    in_function here(in_throw);
    stroll(walker, level);
    switch (books_random(&walker->random) % 8) {
    case 0:
        throw small_error{level};
    case 1: // the failed allocation is none, and throws
        kept = ::operator new(static_cast<std::size_t>(-1) / 4);
        break;
    }
}

NEVER void walk_catch(walker *walker, int level)
{
    in_function here(in_catch);
    int depth = books_thread.depth;
    try {
        stroll(walker, level);
    } catch (const small_error &) {
        books_thread.depth = depth;
        act(walker);
    } catch (const std::bad_alloc &) {
        books_thread.depth = depth;
    }
    act(walker);
}

NEVER void walk_string(walker *walker, int level)
{
    in_function here(in_string);
    std::size_t length = 16 + books_random(&walker->random) % 200;
    std::string text(length, 'x');
    books_block block = books_begin(text.data(), length + 1);
    struct owner {
        books_block block;
        ~owner()
        {
            books_end(block);
        }
    } owner{block};
    stroll(walker, level);
}

static void run(walker *walker)
{
    walker->live =
        static_cast<live_block *>(books_map(live_limit * sizeof(live_block)));
    int depth = books_thread.depth;
    while (walker->operations_left > 0) {
        try {
            walks[books_random(&walker->random) % walk_count](walker, 0);
        } catch (const small_error &) {
        } catch (const std::bad_alloc &) {
        }
        books_thread.depth = depth;
    }
    while (walker->live_count > live_limit / 8)
        release(walker, walker->live_count - 1);
}

NEVER void *walk_thread(void *argument)
{
    in_function here(in_thread);
    run(static_cast<walker *>(argument));
    return nullptr;
}

int main(int argc, char **argv)
{
    static walker walkers[thread_limit];
    pthread_t threads[thread_limit];
    int64_t operations = argc > 1 ? std::atoll(argv[1]) : 100000;
    int count = argc > 2 ? std::atoi(argv[2]) : 1;
    uint64_t seed = argc > 3 ? std::strtoull(argv[3], nullptr, 0) : 1;
    books_open(names);
    books_enter(in_main);
    for (int i = 0; i < count; i++) {
        walkers[i].random = (seed + uint64_t(i)) * 0x9e3779b97f4a7c15u | 1;
        walkers[i].operations_left = operations / count;
        if (i > 0)
            pthread_create(&threads[i], nullptr, walk_thread, &walkers[i]);
    }
    run(&walkers[0]);
    for (int i = 1; i < count; i++)
        pthread_join(threads[i], nullptr);
    books_leave();
    books_write(1);
    return 0;
}
