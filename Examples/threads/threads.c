/* SPDX-License-Identifier: Apache-2.0
 *
 * Leaks 250 blocks of 64 bytes in each of 4 threads, in keep_statistics()
 * called from serve(): 1,000 blocks, 64,000 bytes, one site. The 400 blocks of
 * make_result() are allocated by the threads and freed by main(): no leak.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

enum { thread_count = 4, leak_count = 250, result_count = 100 };

static void *results[thread_count][result_count];

__attribute__((noinline)) static void keep_statistics(int n)
{
    int *statistics = malloc(64);
    *(volatile int *)statistics = n;
}

__attribute__((noinline)) static void *make_result(int n)
{
    int *result = malloc(48);
    *(volatile int *)result = n;
    return result;
}

static void *serve(void *argument)
{
    void **mine = argument;
    for (int i = 0; i < result_count; i++)
        mine[i] = make_result(i);
    for (int i = 0; i < leak_count; i++)
        keep_statistics(i);
    return NULL;
}

int main(void)
{
    pthread_t threads[thread_count];
    for (int t = 0; t < thread_count; t++)
        pthread_create(&threads[t], NULL, serve, results[t]);
    for (int t = 0; t < thread_count; t++) {
        pthread_join(threads[t], NULL);
        for (int i = 0; i < result_count; i++)
            free(results[t][i]);
    }
    dprintf(1, "%d threads done\n", thread_count);
    return 0;
}
