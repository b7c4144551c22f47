/* SPDX-License-Identifier: Apache-2.0
 *
 * Leaks nothing, but takes much at once: load_image() allocates one block of
 * 64 MiB (67,108,864 bytes), then fill_cache() a burst of 100,000 blocks of
 * 4,096 bytes (409,600,000 bytes). All are freed. warm_up() allocates a few
 * small blocks before: not large, and no burst.
 */
#include <stdio.h>
#include <stdlib.h>

enum { cache_count = 100000, cache_block = 4096 };

static void *cache[cache_count];

__attribute__((noinline)) static void warm_up(void)
{
    for (int i = 0; i < 100; i++)
        cache[i] = malloc(1000);
    for (int i = 0; i < 100; i++)
        free(cache[i]);
}

__attribute__((noinline)) static char *load_image(void)
{
    char *image = malloc(64 * 1024 * 1024);
    image[0] = 1;
    return image;
}

__attribute__((noinline)) static void fill_cache(void)
{
    for (int i = 0; i < cache_count; i++)
        cache[i] = malloc(cache_block);
}

int main(void)
{
    warm_up();
    char *image = load_image();
    dprintf(1, "image starts with %d\n", image[0]);
    free(image);
    fill_cache();
    for (int i = 0; i < cache_count; i++)
        free(cache[i]);
    return 0;
}
