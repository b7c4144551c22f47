// SPDX-License-Identifier: Apache-2.0
//
// Threads that allocate and free on their way out, when much of a thread is gone already:
// thread_local destructors, key destructors in every one of their rounds, and the process's own
// atexit and static destructors. Keeps books. Usage: teardown THREADS AT-ONCE
#include "books.h"
#include <cstdlib>
#include <pthread.h>

enum { in_main, in_thread, in_local, in_key, in_leaked_key };
static const char *const names[] = {"main", "thread_main", "local_destructor",
                                    "key_destructor", "leaking_key_destructor"};

#define NEVER extern "C" __attribute__((noinline))

static pthread_key_t key, leaking_key;

static void *take(std::size_t size, books_block *block)
{
    void *address = std::malloc(size);
    *block = books_begin(address, size);
    return address;
}

NEVER void local_destructor()
{
    books_enter(in_local);
    books_block block;
    take(64, &block);
    books_end(block);
    std::free(block.address);
    take(65, &block); // stays
    books_leave();
}

struct local {
    books_block block{};
    ~local()
    {
        if (!block.address)
            return;
        books_end(block); // made by the thread while it was well
        std::free(block.address);
        local_destructor();
    }
};
static thread_local local on_the_way_out;

// Sets its key again until glibc has no more rounds: the last is after all else.
NEVER void key_destructor(void *value)
{
    books_enter(in_key);
    auto *block = static_cast<books_block *>(value);
    books_end(*block);
    std::free(block->address);
    take(96, block);
    pthread_setspecific(key, block);
    books_leave();
}

NEVER void leaking_key_destructor(void *value)
{
    books_enter(in_leaked_key);
    books_block block;
    take(33, &block);
    pthread_setspecific(leaking_key, value);
    books_leave();
}

NEVER void *thread_main(void *slot)
{
    books_enter(in_thread);
    take(128, &on_the_way_out.block);
    auto *block = static_cast<books_block *>(slot);
    take(96, block);
    pthread_setspecific(key, block);
    pthread_setspecific(leaking_key, slot);
    books_leave();
    return nullptr;
}

int main(int argc, char **argv)
{
    int total = argc > 1 ? std::atoi(argv[1]) : 50;
    int at_once = argc > 2 ? std::atoi(argv[2]) : 10;
    books_open(names);
    pthread_key_create(&key, key_destructor);
    pthread_key_create(&leaking_key, leaking_key_destructor);
    auto *threads = static_cast<pthread_t *>(
        books_map(sizeof(pthread_t) * std::size_t(at_once)));
    auto *slots = static_cast<books_block *>(
        books_map(sizeof(books_block) * std::size_t(total)));
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, 64 * 1024);
    for (int made = 0; made < total; made += at_once) {
        for (int i = 0; i < at_once; i++)
            if (pthread_create(&threads[i], &attributes, thread_main,
                               &slots[made + i]) != 0)
                return 1;
        for (int i = 0; i < at_once; i++)
            pthread_join(threads[i], nullptr);
    }
    books_write(1);
    return 0;
}
