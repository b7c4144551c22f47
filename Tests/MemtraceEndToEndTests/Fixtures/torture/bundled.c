/* SPDX-License-Identifier: Apache-2.0
 *
 * A library with an allocator of its own, hidden from others under the usual
 * names, as those do that bundle one; see namesake.c. bundled_give() hands
 * out a block of whatever malloc strdup finds.
 */
#define _GNU_SOURCE
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define PUBLIC __attribute__((visibility("default")))

static char arena[1 << 16] __attribute__((aligned(16)));
static size_t used;

void *private_malloc(size_t size)
{
    size_t start = used;
    used += (size + 15) / 16 * 16;
    return used <= sizeof arena ? arena + start : NULL;
}

void private_free(void *block)
{
    if (block && (uintptr_t)block - (uintptr_t)arena >= sizeof arena)
        __builtin_trap(); /* not ours: somebody's door was crossed */
}

/* Under the names by which its other code calls them. */
__asm__(".hidden malloc\n.globl malloc\n.set malloc, private_malloc\n"
        ".hidden free\n.globl free\n.set free, private_free\n");
extern void *malloc(size_t size);
extern void free(void *block);

PUBLIC void *bundled_give(size_t size)
{
    char text[200];
    memset(text, 'x', sizeof text);
    text[size % sizeof text] = '\0';
    return strdup(text); /* libc's own malloc, found by libc */
}

PUBLIC int bundled_work(void)
{
    int worked = 0;
    for (int i = 0; i < 100; i++) {
        void *block = malloc(40);
        worked += block != NULL;
        free(block);
    }
    return worked;
}
