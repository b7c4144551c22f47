/* SPDX-License-Identifier: Apache-2.0
 *
 * Leaks mapped memory, none of it malloc'ed: map_arena() loses 2 mappings of
 * 8 MiB each (16,777,216 bytes); half of a third, 4 MiB mapped by
 * map_ring(), is unmapped, so that 2 MiB (2,097,152 bytes) of it stay. The
 * mapping of map_scratch() is unmapped whole: no leak.
 */
#define _DEFAULT_SOURCE
#include <stdio.h>
#include <sys/mman.h>

enum { mebibyte = 1024 * 1024 };

static char *map(size_t byte_count)
{
    void *start = mmap(NULL, byte_count, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return start == MAP_FAILED ? NULL : start;
}

__attribute__((noinline)) static void map_arena(void)
{
    char *arena = map(8 * mebibyte);
    *(volatile char *)arena = 1;
}

__attribute__((noinline)) static char *map_ring(void)
{
    char *ring = map(4 * mebibyte);
    *(volatile char *)ring = 1;
    return ring;
}

__attribute__((noinline)) static char *map_scratch(void)
{
    char *scratch = map(32 * mebibyte);
    *(volatile char *)scratch = 1;
    return scratch;
}

int main(void)
{
    map_arena();
    map_arena();
    char *ring = map_ring();
    munmap(ring + 2 * mebibyte, 2 * mebibyte);
    char *scratch = map_scratch();
    int failed = munmap(scratch, 32 * mebibyte);
    dprintf(1, "unmapped: %d\n", failed == 0);
    return failed;
}
