/* SPDX-License-Identifier: Apache-2.0
 *
 * A random walk through mutually recursive functions whose frames are plain,
 * big, alloca'ed, variable-length or jumped over, allocating and freeing in
 * every way C has, and keeping books. Usage: books OPERATIONS THREADS SEED
 */
#define _GNU_SOURCE
#include "books.h"
#include <alloca.h>
#include <malloc.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdlib.h>

enum { in_main, in_thread, in_plain, in_big, in_alloca, in_vla, in_jump };
static const char *const names[] = {"main",     "walk_thread", "walk_plain",
                                    "walk_big", "walk_alloca", "walk_vla",
                                    "walk_jump"};

enum {
    live_limit = 4096, /* blocks a thread holds at most */
    shared_count = 64, /* blocks lying about for any thread to take */
    free_choice = 2,   /* below this level every path is walked ... */
    level_limit = 13,  /* ... and then one chain of calls, this deep */
    thread_limit = 16,
};

struct walker {
    uint64_t random;
    int64_t operations_left;
    struct books_block *live;
    size_t live_count;
    jmp_buf *jump;
};

static struct shared_slot {
    uint32_t lock;
    struct books_block block;
} shared[shared_count];

#define ALWAYS static inline __attribute__((always_inline))
#define NEVER __attribute__((noinline, unused))

ALWAYS size_t random_size(struct walker *walker)
{
    uint64_t random = books_random(&walker->random);
    if (random % 1000 == 0)
        return random >> 10 & 0x7ffff; /* to 512 KiB: mmap'ed by glibc */
    if (random % 50 == 0)
        return random >> 10 & 0x3fff;
    return random >> 10 & 0xff; /* 0 is a size, too */
}

ALWAYS void keep(struct walker *walker, void *address, size_t byte_count)
{
    if (!address)
        _exit(95);
    walker->live[walker->live_count++] = books_begin(address, byte_count);
}

ALWAYS void release(struct walker *walker, size_t index)
{
    struct books_block block = walker->live[index];
    walker->live[index] = walker->live[--walker->live_count];
    books_end(block);
    free(block.address);
}

/* A block changes hands: this thread's for the one that lay there. */
ALWAYS void exchange(struct walker *walker, size_t index, uint64_t random)
{
    struct shared_slot *slot = &shared[random % shared_count];
    books_lock(&slot->lock);
    struct books_block other = slot->block;
    slot->block = walker->live[index];
    books_unlock(&slot->lock);
    if (other.path)
        walker->live[index] = other;
    else
        walker->live[index] = walker->live[--walker->live_count];
}

ALWAYS void reallocate(struct walker *walker, size_t index, int how)
{
    struct books_block block = walker->live[index];
    size_t byte_count = how == 0   ? block.byte_count + 16
                        : how == 1 ? block.byte_count / 2 + 1
                                   : random_size(walker) * 3 + 1;
    void *moved = realloc(block.address, byte_count);
    if (!moved)
        _exit(94);
    books_end(block);
    walker->live[index] = books_begin(moved, byte_count);
}

/* Calls that give nothing and take nothing. */
ALWAYS void fail(struct walker *walker, size_t index)
{
    volatile size_t too_many = SIZE_MAX / 2, odd = 24;
    struct books_block block = walker->live[index];
    void *none = NULL;
    if (realloc(block.address, too_many) || malloc(too_many) ||
        calloc(too_many, 4) || reallocarray(block.address, too_many, 8) ||
        posix_memalign(&none, odd, 100) == 0)
        _exit(93);
    free(NULL);
}

/* A reallocation to nothing is a free and no allocation, in glibc. */
ALWAYS void reallocate_to_nothing(struct walker *walker, size_t index)
{
    struct books_block block = walker->live[index];
    volatile size_t nothing = 0;
    books_end(block);
    if (realloc(block.address, nothing))
        _exit(92);
    walker->live[index] = walker->live[--walker->live_count];
}

ALWAYS void allocate(struct walker *walker, unsigned how)
{
    static const char text[] = "a text of some length, to be copied in part";
    size_t size = random_size(walker), alignment = (size_t)16 << size % 8;
    void *address = NULL;
    switch (how) {
    case 0:
        keep(walker, calloc(size, 3), size * 3);
        break;
    case 1:
        keep(walker, realloc(NULL, size), size);
        break;
    case 2:
        if (posix_memalign(&address, alignment, size) != 0)
            _exit(91);
        keep(walker, address, size);
        break;
    case 3:
        size = (size + alignment) & ~(alignment - 1);
        keep(walker, aligned_alloc(alignment, size), size);
        break;
    case 4:
        keep(walker, memalign(alignment, size), size);
        break;
    case 5:
        keep(walker, valloc(size), size);
        break;
    case 6:
        keep(walker, reallocarray(NULL, size, 5), size * 5);
        break;
    case 7:
        keep(walker, strdup(text + size % 40), sizeof text - size % 40);
        break;
    case 8:
        keep(walker, strndup(text, size % 40), size % 40 + 1);
        break;
    default:
        keep(walker, malloc(size), size);
        break;
    }
}

/* One operation, in the frame of the caller. */
ALWAYS void act(struct walker *walker)
{
    walker->operations_left--;
    uint64_t random = books_random(&walker->random);
    size_t index = walker->live_count ? random % walker->live_count : 0;
    unsigned choice = random >> 32 & 63;
    if (walker->live_count == live_limit) {
        release(walker, index);
    } else if (walker->live_count < 2 || choice < 30) {
        allocate(walker, random >> 40 & 15);
    } else if (choice < 34) { /* gone before anything else happens */
        keep(walker, malloc(40), 40);
        release(walker, walker->live_count - 1);
    } else if (choice < 40) {
        reallocate(walker, index, (int)(random >> 40 & 3));
    } else if (choice == 40) {
        fail(walker, index);
    } else if (choice == 41) {
        reallocate_to_nothing(walker, index);
    } else if (choice < 46) {
        exchange(walker, index, random >> 40);
    } else {
        release(walker, index);
    }
}

typedef void walk(struct walker *, int level);
static walk walk_plain, walk_big, walk_alloca, walk_vla, walk_jump;
static walk *const walks[] = {walk_plain, walk_big, walk_alloca, walk_vla,
                              walk_jump};
enum { walk_count = sizeof walks / sizeof walks[0] };

/* Acts, and goes deeper or does not. */
ALWAYS void stroll(struct walker *walker, int level)
{
    act(walker);
    uint64_t random = books_random(&walker->random);
    if (level >= level_limit || walker->operations_left <= 0)
        return;
    if (level < free_choice && random % 4 != 0)
        walks[random / 4 % walk_count](walker, level + 1);
    else if (random % 16 < 13)
        walks[level % walk_count](walker, level + 1);
    else if (walker->jump && random % 16 == 15)
        longjmp(*walker->jump, 1);
}

static NEVER void walk_plain(struct walker *walker, int level)
{
    books_enter(in_plain);
    stroll(walker, level);
    act(walker);
    books_leave();
}

static NEVER void walk_big(struct walker *walker, int level)
{
    volatile char frame[64 * 1024];
    books_enter(in_big);
    frame[level] = 1;
    stroll(walker, level);
    frame[sizeof frame - 1] = frame[level];
    books_leave();
}

static NEVER void walk_alloca(struct walker *walker, int level)
{
    books_enter(in_alloca);
    for (int i = 0; i < 2; i++) { /* the frame grows between the calls */
        volatile char *room = alloca(16 + books_random(&walker->random) % 3000);
        room[0] = 1;
        stroll(walker, level + i);
    }
    books_leave();
}

static NEVER void walk_vla(struct walker *walker, int level)
{
    volatile char room[1 + books_random(&walker->random) % 5000];
    books_enter(in_vla);
    room[sizeof room - 1] = 1;
    stroll(walker, level);
    act(walker);
    room[0] = room[sizeof room - 1];
    books_leave();
}

static NEVER void walk_jump(struct walker *walker, int level)
{
    jmp_buf here, *outer = walker->jump;
    int depth = books_thread.depth;
    books_enter(in_jump);
    if (setjmp(here) == 0) {
        walker->jump = &here;
        stroll(walker, level);
    } else {
        books_thread.depth = depth + 1;
    }
    walker->jump = outer;
    act(walker);
    books_leave();
}

static void run(struct walker *walker)
{
    walker->live = books_map(live_limit * sizeof walker->live[0]);
    while (walker->operations_left > 0)
        walks[books_random(&walker->random) % walk_count](walker, 0);
    while (walker->live_count > live_limit / 2) /* the rest is the leak */
        release(walker, walker->live_count - 1);
}

static NEVER void *walk_thread(void *argument)
{
    books_enter(in_thread);
    run(argument);
    books_leave();
    return NULL;
}

int main(int argc, char **argv)
{
    static struct walker walkers[thread_limit];
    pthread_t threads[thread_limit];
    int64_t operations = argc > 1 ? atoll(argv[1]) : 100000;
    int count = argc > 2 ? atoi(argv[2]) : 1;
    uint64_t seed = argc > 3 ? strtoull(argv[3], NULL, 0) : 1;
    books_open(names);
    books_enter(in_main);
    for (int i = 0; i < count; i++) {
        walkers[i].random = (seed + (uint64_t)i) * 0x9e3779b97f4a7c15u | 1;
        walkers[i].operations_left = operations / count;
        if (i > 0)
            pthread_create(&threads[i], NULL, walk_thread, &walkers[i]);
    }
    run(&walkers[0]);
    for (int i = 1; i < count; i++)
        pthread_join(threads[i], NULL);
    books_leave();
    books_write(1);
    return 0;
}
