/* SPDX-License-Identifier: Apache-2.0
 *
 * Threads that free each other's newest blocks: each allocates, swaps its
 * block for the one in a shared slot, and frees what it got, at once. Usage:
 * exchange OPERATIONS THREADS. Nothing is outstanding at the end.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

static _Atomic(void *) slots[4];
static long operation_count;

static void *swap_and_free(void *unused)
{
    for (long i = 0; i < operation_count; i++)
        free(atomic_exchange(&slots[i % 4], malloc(32)));
    return unused;
}

int main(int argc, char **argv)
{
    operation_count = argc > 1 ? atol(argv[1]) : 100000;
    int thread_count = argc > 2 ? atoi(argv[2]) : 4;
    pthread_t threads[64];
    for (int i = 0; i < thread_count && i < 64; i++)
        pthread_create(&threads[i], NULL, swap_and_free, NULL);
    for (int i = 0; i < thread_count && i < 64; i++)
        pthread_join(threads[i], NULL);
    for (int i = 0; i < 4; i++)
        free(slots[i]);
    puts("done");
    return 0;
}
