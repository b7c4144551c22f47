/* SPDX-License-Identifier: Apache-2.0
 *
 * COUNT threads alive at once, on stacks of 64 KiB: each allocates, waits for
 * all the others, and frees in the destructor of a key what it was given.
 * Each loses one block of 72 bytes in lose_one(). Then as many threads in
 * turns, one after the other. Usage: crowd COUNT
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#define NEVER __attribute__((noinline))

static pthread_barrier_t all_there;
static pthread_key_t key;
static int destroyed;

static NEVER void free_on_the_way_out(void *block)
{
    free(block);
    free(malloc(33));
    __atomic_add_fetch(&destroyed, 1, __ATOMIC_RELAXED);
}

static NEVER void lose_one(void)
{
    *(volatile char *)malloc(72) = 1;
}

static NEVER void *member(void *waits)
{
    pthread_setspecific(key, malloc(500));
    lose_one();
    if (waits)
        pthread_barrier_wait(&all_there);
    return NULL;
}

int main(int argc, char **argv)
{
    int count = argc > 1 ? atoi(argv[1]) : 1000, waits = 1;
    pthread_t *threads = malloc(sizeof *threads * (size_t)count);
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, 64 * 1024);
    pthread_key_create(&key, free_on_the_way_out);
    pthread_barrier_init(&all_there, NULL, (unsigned)count);
    for (int i = 0; i < count; i++)
        if (pthread_create(&threads[i], &attributes, member, &waits) != 0)
            return 1;
    for (int i = 0; i < count; i++)
        pthread_join(threads[i], NULL);
    for (int i = 0; i < count; i++) {
        if (pthread_create(&threads[0], &attributes, member, NULL) != 0)
            return 1;
        pthread_join(threads[0], NULL);
    }
    free(threads);
    printf("destroyed %d\n", destroyed);
    return 0;
}
