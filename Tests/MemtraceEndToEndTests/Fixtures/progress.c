/* SPDX-License-Identifier: Apache-2.0
 *
 * Allocates and frees until it is killed, and after each event says in a file
 * mapped shared how many there were: what stands there survives a SIGKILL as
 * the pages of a file do. Each thread has a line of counters of its own. One
 * byte goes to stdout when the first thread has reached its target.
 * Usage: progress FILE THREADS SEED TARGET
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

enum { thread_limit = 8, live_limit = 512 };

/* 64 bytes in the file, one such line for each thread. */
struct line {
    uint64_t small_count, medium_count, large_count; /* of allocations */
    uint64_t small_bytes, medium_bytes, large_bytes;
    uint64_t free_count, freed_bytes;
};

static struct line *lines;
static uint64_t target;

#define NEVER __attribute__((noinline))
#define SAY(word, amount) \
    __atomic_store_n(&(word), (word) + (amount), __ATOMIC_RELEASE)

static NEVER void *take_small(struct line *line, size_t size)
{
    void *block = malloc(size);
    SAY(line->small_bytes, size);
    SAY(line->small_count, 1);
    return block;
}

static NEVER void *take_medium(struct line *line, size_t size)
{
    void *block = calloc(1, size);
    SAY(line->medium_bytes, size);
    SAY(line->medium_count, 1);
    return block;
}

static NEVER void *take_large(struct line *line, size_t size)
{
    void *block = NULL;
    if (posix_memalign(&block, 64, size) != 0)
        _exit(1);
    SAY(line->large_bytes, size);
    SAY(line->large_count, 1);
    return block;
}

static uint64_t next(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

struct work {
    uint64_t seed;
    int number;
};

static void *churn(void *argument)
{
    const struct work *work = argument;
    struct line *line = &lines[work->number];
    uint64_t seed = work->seed;
    static __thread struct {
        void *block;
        size_t size;
    } live[live_limit];
    for (uint64_t event = 0;; event++) {
        uint64_t random = next(&seed), slot = random % live_limit;
        size_t size = 1 + (random >> 16) % 100;
        if (work->number == 0 && event == target && write(1, "!", 1) != 1)
            _exit(1);
        if (live[slot].block) {
            free(live[slot].block);
            live[slot].block = NULL;
            SAY(line->freed_bytes, live[slot].size);
            SAY(line->free_count, 1);
            continue;
        }
        unsigned kind = random >> 32 & 7;
        size = kind == 0 ? size * 1000 : kind < 3 ? size * 30 : size;
        live[slot].size = size;
        live[slot].block = kind == 0  ? take_large(line, size)
                           : kind < 3 ? take_medium(line, size)
                                      : take_small(line, size);
    }
    return NULL;
}

int main(int argc, char **argv)
{
    if (argc != 5)
        return 64;
    int file = open(argv[1], O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (file < 0 || ftruncate(file, thread_limit * sizeof *lines) != 0)
        return 1;
    lines = mmap(NULL, thread_limit * sizeof *lines, PROT_READ | PROT_WRITE,
                 MAP_SHARED, file, 0);
    if (lines == MAP_FAILED)
        return 1;
    int count = atoi(argv[2]);
    target = strtoull(argv[4], NULL, 0);
    struct work work[thread_limit];
    for (int i = 0; i < count; i++) {
        pthread_t thread;
        work[i].number = i;
        work[i].seed =
            (strtoull(argv[3], NULL, 0) + (uint64_t)i) * 0x9e3779b97f4a7c15u |
            1;
        if (i > 0)
            pthread_create(&thread, NULL, churn, &work[i]);
    }
    churn(&work[0]);
    return 0;
}
