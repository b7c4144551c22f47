/* SPDX-License-Identifier: Apache-2.0
 *
 * malloc and free are no cancellation points, and must not become any: three
 * threads that are asked to end allocate on, keep 10 blocks of 150 bytes each
 * in keep_on(), and return of their own accord. A fourth is cancelled where it
 * may be, in pause(), and its cleanup handler frees. Says how each ended.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define NEVER __attribute__((noinline))
enum { thread_count = 3 };

static atomic_bool started[thread_count], asked;
static int ready[2];

static NEVER void keep_on(void)
{
    *(volatile char *)malloc(150) = 1;
}

/* Enough events to fill many windows, none of them folded away. */
static NEVER void churn(void)
{
    static __thread void *volatile blocks[20000];
    for (int i = 0; i < 20000; i++)
        blocks[i] = malloc(16);
    for (int i = 0; i < 20000; i++)
        free(blocks[i]);
}

static void *deaf(void *flag)
{
    atomic_store((atomic_bool *)flag, true);
    while (!atomic_load(&asked))
        ;
    for (int i = 0; i < 10; i++) {
        churn();
        keep_on();
    }
    return flag;
}

static void *patient(void *unused)
{
    void *block = malloc(99);
    pthread_cleanup_push(free, block);
    if (write(ready[1], "", 1) == 1)
        for (;;)
            pause();
    pthread_cleanup_pop(1);
    return unused;
}

int main(void)
{
    pthread_t threads[thread_count], other;
    void *result;
    for (int i = 0; i < thread_count; i++)
        pthread_create(&threads[i], NULL, deaf, &started[i]);
    for (int i = 0; i < thread_count; i++) {
        while (!atomic_load(&started[i]))
            ;
        pthread_cancel(threads[i]);
    }
    atomic_store(&asked, true);
    for (int i = 0; i < thread_count; i++) {
        pthread_join(threads[i], &result);
        dprintf(1, "thread %d %s\n", i,
                result == PTHREAD_CANCELED ? "was cancelled" : "returned");
    }
    char byte;
    if (pipe(ready) != 0 || pthread_create(&other, NULL, patient, NULL) != 0 ||
        read(ready[0], &byte, 1) != 1)
        return 1;
    pthread_cancel(other);
    pthread_join(other, &result);
    dprintf(1, "the last %s\n",
            result == PTHREAD_CANCELED ? "was cancelled" : "returned");
    return 0;
}
