/* SPDX-License-Identifier: Apache-2.0
 *
 * Recurses DEPTH calls deep and allocates at the bottom and on the way back:
 * 10 blocks of 88 bytes in at_the_bottom(), one of 20 in every 1,000th
 * go_down(), which frees it again. In a thread with a stack of 512 MiB, or as
 * `deep DEPTH small` in one of 16 KiB, the smallest there is, at depth 0.
 */
#define _GNU_SOURCE
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#define NEVER __attribute__((noinline))

static NEVER int at_the_bottom(void)
{
    for (int i = 0; i < 10; i++)
        *(volatile char *)malloc(88) = 1;
    return 1;
}

static NEVER int go_down(int depth)
{
    char *volatile block = NULL;
    if (depth == 0)
        return at_the_bottom();
    if (depth % 1000 == 0)
        block = malloc(20);
    int sum = go_down(depth - 1) + 1;
    free(block);
    return sum;
}

static void *run(void *depth)
{
    *(int *)depth = go_down(*(int *)depth);
    return NULL;
}

int main(int argc, char **argv)
{
    int depth = argc > 1 ? atoi(argv[1]) : 100000;
    size_t stack_byte_count = (size_t)512 << 20;
    if (argc > 2)
        stack_byte_count = 16384;
    pthread_attr_t attributes;
    pthread_t thread;
    pthread_attr_init(&attributes);
    if (pthread_attr_setstacksize(&attributes, stack_byte_count) != 0 ||
        pthread_create(&thread, &attributes, run, &depth) != 0)
        return 1;
    pthread_join(thread, NULL);
    dprintf(1, "%d calls\n", depth);
    return 0;
}
