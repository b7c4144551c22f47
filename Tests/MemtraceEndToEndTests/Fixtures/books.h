/* SPDX-License-Identifier: Apache-2.0
 *
 * The books a fixture keeps about itself: for every path of its own function
 * calls, the blocks and bytes it allocated and what is still outstanding. The
 * test compares them with the report, path by path. Nothing in here
 * allocates through malloc or uses stdio; all memory comes from mmap.
 */
#ifndef BOOKS_H
#define BOOKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { books_depth_limit = 32, books_path_slots = 1 << 16 };

/* One path, outermost function first. */
struct books_path {
    uint32_t state; /* 0 free, 1 being written, 2 to be read */
    uint32_t depth;
    uint8_t functions[books_depth_limit];
    int64_t outstanding_count, outstanding_bytes;
    uint64_t total_count, total_bytes;
};

/* A live block and the path it is booked under. */
struct books_block {
    void *address;
    size_t byte_count;
    struct books_path *path;
};

static struct {
    const char *const *names; /* of functions, by their number */
    struct books_path *paths;
    uint64_t allocation_count, allocated_bytes, free_count;
    int64_t current_bytes, peak_bytes; /* exact in a single thread only */
    uint64_t temporary_count;          /* likewise */
} books;

/* The shadow stack of this thread, and the block its last event began. */
static __thread struct {
    int depth;
    uint8_t functions[books_depth_limit];
    void *last_begun;
} books_thread;

static inline void *books_map(size_t byte_count)
{
    void *start = mmap(NULL, byte_count, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (start == MAP_FAILED)
        _exit(99);
    return start;
}

static inline void books_open(const char *const *names)
{
    books.names = names;
    books.paths = (struct books_path *)books_map(books_path_slots *
                                                 sizeof(struct books_path));
}

static inline void books_enter(uint8_t function)
{
    if (books_thread.depth == books_depth_limit)
        _exit(98);
    books_thread.functions[books_thread.depth++] = function;
}

static inline void books_leave(void)
{
    books_thread.depth--;
}

static inline void books_lock(uint32_t *word)
{
    while (__atomic_exchange_n(word, 1, __ATOMIC_ACQUIRE))
        while (__atomic_load_n(word, __ATOMIC_RELAXED))
            ;
}

static inline void books_unlock(uint32_t *word)
{
    __atomic_store_n(word, 0, __ATOMIC_RELEASE);
}

static inline struct books_path *books_current_path(void)
{
    uint32_t depth = (uint32_t)books_thread.depth;
    uint64_t hash = depth;
    for (uint32_t i = 0; i < depth; i++)
        hash = (hash ^ books_thread.functions[i]) * 0x9e3779b97f4a7c15u;
    for (uint64_t probe = hash >> 32;; probe++) {
        struct books_path *path = &books.paths[probe % books_path_slots];
        uint32_t state = 0;
        if (__atomic_compare_exchange_n(&path->state, &state, 1, false,
                                        __ATOMIC_ACQUIRE, __ATOMIC_ACQUIRE)) {
            path->depth = depth;
            memcpy(path->functions, books_thread.functions, depth);
            __atomic_store_n(&path->state, 2, __ATOMIC_RELEASE);
            return path;
        }
        while (__atomic_load_n(&path->state, __ATOMIC_ACQUIRE) == 1)
            ;
        if (path->depth == depth &&
            memcmp(path->functions, books_thread.functions, depth) == 0)
            return path;
    }
}

#define BOOKS_ADD(field, amount) \
    __atomic_fetch_add(&(field), (amount), __ATOMIC_RELAXED)

/* Books a block that begins here, under the path of the shadow stack. */
static inline struct books_block books_begin(void *address, size_t byte_count)
{
    struct books_path *path = books_current_path();
    struct books_block block = {address, byte_count, path};
    BOOKS_ADD(path->outstanding_count, 1);
    BOOKS_ADD(path->outstanding_bytes, (int64_t)byte_count);
    BOOKS_ADD(path->total_count, 1);
    BOOKS_ADD(path->total_bytes, byte_count);
    BOOKS_ADD(books.allocation_count, 1);
    BOOKS_ADD(books.allocated_bytes, byte_count);
    int64_t current = BOOKS_ADD(books.current_bytes, (int64_t)byte_count) +
                      (int64_t)byte_count;
    if (current > books.peak_bytes)
        books.peak_bytes = current;
    books_thread.last_begun = address;
    return block;
}

/* Books the end of a block. */
static inline void books_end(struct books_block block)
{
    BOOKS_ADD(block.path->outstanding_count, -1);
    BOOKS_ADD(block.path->outstanding_bytes, -(int64_t)block.byte_count);
    BOOKS_ADD(books.free_count, 1);
    BOOKS_ADD(books.current_bytes, -(int64_t)block.byte_count);
    if (block.address == books_thread.last_begun)
        BOOKS_ADD(books.temporary_count, 1);
    books_thread.last_begun = NULL;
}

/* xorshift: the same walk for the same seed on every machine. */
static inline uint64_t books_random(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

/* ------------------------------------------------- writing them down */

struct books_text {
    char *bytes;
    size_t length, capacity;
};

static inline void books_put_text(struct books_text *text, const char *string)
{
    size_t length = strlen(string);
    if (text->length + length > text->capacity)
        _exit(97);
    memcpy(text->bytes + text->length, string, length);
    text->length += length;
}

static inline void books_put_number(struct books_text *text, const char *name,
                                    int64_t number)
{
    char digits[24], *end = digits + sizeof digits, *start = end;
    uint64_t left = number < 0 ? 0 - (uint64_t)number : (uint64_t)number;
    *--start = '\0';
    do
        *--start = (char)('0' + left % 10);
    while (left /= 10);
    if (number < 0)
        *--start = '-';
    books_put_text(text, "\"");
    books_put_text(text, name);
    books_put_text(text, "\":");
    books_put_text(text, start);
}

static inline void books_put_path(struct books_text *text,
                                  const struct books_path *path)
{
    books_put_text(text, "{\"path\":[");
    for (uint32_t i = 0; i < path->depth; i++) {
        books_put_text(text, i ? ",\"" : "\"");
        books_put_text(text, books.names[path->functions[i]]);
        books_put_text(text, "\"");
    }
    books_put_text(text, "],");
    books_put_number(text, "outstandingBytes", path->outstanding_bytes);
    books_put_text(text, ",");
    books_put_number(text, "outstandingCount", path->outstanding_count);
    books_put_text(text, ",");
    books_put_number(text, "totalBytes", (int64_t)path->total_bytes);
    books_put_text(text, ",");
    books_put_number(text, "totalCount", (int64_t)path->total_count);
    books_put_text(text, "}\n");
}

/* Writes one JSON line for each path and one with the totals. */
static inline void books_write(int descriptor)
{
    struct books_text text = {NULL, 0, (size_t)64 << 20};
    text.bytes = (char *)books_map(text.capacity);
    for (uint32_t i = 0; i < books_path_slots; i++)
        if (books.paths[i].state == 2)
            books_put_path(&text, &books.paths[i]);
    books_put_text(&text, "{");
    books_put_number(&text, "allocationCount", (int64_t)books.allocation_count);
    books_put_text(&text, ",");
    books_put_number(&text, "allocatedBytes", (int64_t)books.allocated_bytes);
    books_put_text(&text, ",");
    books_put_number(&text, "freeCount", (int64_t)books.free_count);
    books_put_text(&text, ",");
    books_put_number(&text, "peakBytes", books.peak_bytes);
    books_put_text(&text, ",");
    books_put_number(&text, "temporaryCount", (int64_t)books.temporary_count);
    books_put_text(&text, "}\n");
    for (size_t done = 0; done < text.length;) {
        ssize_t count =
            write(descriptor, text.bytes + done, text.length - done);
        if (count <= 0)
            _exit(96);
        done += (size_t)count;
    }
}

#endif
