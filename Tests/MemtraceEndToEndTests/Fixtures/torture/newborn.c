/* SPDX-License-Identifier: Apache-2.0
 *
 * Forks children whose first allocations are those of eight threads at once:
 * their stacks are left from threads of the parent, and take none. As
 * `newborn CHILDREN`: each keeps 8 * 50 blocks; prints how many did not end
 * as they should.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

enum { thread_count = 8, kept_count = 50 };

static pthread_barrier_t begin;
static int is_child;

static __attribute__((noinline)) void keep(void)
{
    *(volatile char *)malloc(40) = 1;
}

static void *work(void *argument)
{
    pthread_barrier_wait(&begin);
    for (int i = 0; is_child && i < kept_count; i++)
        keep();
    return argument;
}

static void run_threads(void)
{
    pthread_t threads[thread_count];
    pthread_attr_t small;
    pthread_attr_init(&small);
    pthread_attr_setstacksize(&small, 256 << 10); /* libc keeps 40 MiB */
    pthread_barrier_init(&begin, NULL, thread_count);
    for (int i = 0; i < thread_count; i++)
        pthread_create(&threads[i], &small, work, NULL);
    for (int i = 0; i < thread_count; i++)
        pthread_join(threads[i], NULL);
}

int main(int argc, char **argv)
{
    int failures = 0;
    run_threads();
    for (int i = argc > 1 ? atoi(argv[1]) : 1; i > 0; i--) {
        pid_t child = fork();
        if (!child) {
            is_child = 1;
            run_threads();
            _exit(3);
        }
        int status;
        if (waitpid(child, &status, 0) != child || !WIFEXITED(status) ||
            WEXITSTATUS(status) != 3)
            failures++;
    }
    printf("failures %d\n", failures);
    return 0;
}
