/* SPDX-License-Identifier: Apache-2.0
 *
 * A random walk of mmap, munmap, MAP_FIXED and mremap over one arena, with a
 * book of who mapped each page: the last function that mapped or remapped it.
 * At the end it prints for each function the bytes that are still its own.
 * Usage: mappings OPERATIONS SEED
 */
#define _GNU_SOURCE
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define NEVER __attribute__((noinline))
enum { page_count = 4096, page = 4096, longest = 64 };
enum owner { nobody, reserve, map_plain, map_shared, remap, owner_count };

static char *arena;
static uint8_t owners[page_count];

static uint64_t next(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

static void own(size_t first, size_t count, enum owner owner)
{
    memset(owners + first, owner, count);
}

static NEVER void reserve_arena(void)
{
    arena = mmap(NULL, (size_t)page_count * page, PROT_NONE,
                 MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (arena == MAP_FAILED)
        exit(1);
    own(0, page_count, reserve);
}

static NEVER void map_plain_pages(size_t first, size_t count)
{
    if (mmap(arena + first * page, count * page, PROT_READ | PROT_WRITE,
             MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == MAP_FAILED)
        exit(2);
    own(first, count, map_plain);
}

static NEVER void map_shared_pages(size_t first, size_t count)
{
    if (mmap64(arena + first * page, count * page, PROT_READ,
               MAP_SHARED | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == MAP_FAILED)
        exit(3);
    own(first, count, map_shared);
}

static NEVER void unmap_pages(size_t first, size_t count)
{
    if (munmap(arena + first * page, count * page) != 0)
        exit(4);
    own(first, count, nobody);
}

/* Moves pages that are one mapping (mapped just before) to another place, or
 * shrinks them where they are. */
static NEVER void remap_pages(size_t first, size_t count, size_t to,
                              size_t new_count)
{
    void *moved = mremap(arena + first * page, count * page, new_count * page,
                         MREMAP_MAYMOVE | MREMAP_FIXED, arena + to * page);
    if (moved == MAP_FAILED)
        exit(5);
    own(first, count, nobody);
    own(to, new_count, remap);
}

static NEVER void shrink_pages(size_t first, size_t count, size_t new_count)
{
    if (mremap(arena + first * page, count * page, new_count * page, 0) ==
        MAP_FAILED)
        exit(6);
    own(first, count, nobody);
    own(first, new_count, remap);
}

static void step(uint64_t *seed)
{
    uint64_t random = next(seed);
    size_t count = 1 + random % longest;
    size_t first = (random >> 8) % (page_count - count);
    size_t to = (random >> 24) % (page_count - longest);
    switch (random >> 40 & 7) {
    case 0:
    case 1:
        map_plain_pages(first, count);
        break;
    case 2:
        map_shared_pages(first, count);
        break;
    case 3:
        map_plain_pages(first, count);
        if (to + longest <= first || to >= first + count)
            remap_pages(first, count, to, 1 + (random >> 44) % longest);
        break;
    case 4:
        map_plain_pages(first, count);
        shrink_pages(first, count, 1 + (random >> 44) % count);
        break;
    default:
        unmap_pages(first, count);
        break;
    }
}

int main(int argc, char **argv)
{
    uint64_t operations = argc > 1 ? strtoull(argv[1], NULL, 0) : 1000;
    uint64_t seed = argc > 2 ? strtoull(argv[2], NULL, 0) | 1 : 1;
    reserve_arena();
    for (uint64_t i = 0; i < operations; i++)
        step(&seed);
    static const char *const names[owner_count] = {"nobody", "reserve_arena",
                                                   "map_plain_pages",
                                                   "map_shared_pages", "remap"};
    size_t sums[owner_count] = {0};
    for (size_t i = 0; i < page_count; i++)
        sums[owners[i]] += page;
    for (int i = reserve; i < owner_count; i++)
        dprintf(1, "%s %zu\n", names[i], sums[i]);
    return 0;
}
