/* SPDX-License-Identifier: Apache-2.0
 *
 * Truncates the trace that is written of it, trace.bin, while four threads
 * allocate; natively there is none. As `truncated WAY`: half way, once
 * ("0", "4096", "70000": what is left; "half"), twice ("twice"), once so that the file
 * grows again at once ("0+", "4096+", "70000+"), or all of these over and over
 * while the threads are at work ("storm"). "forked": in a child of fork, which
 * then truncates its own trace, too. "held": while the threads hold all signals
 * back. Prints its own books at the end and exits with 23.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { thread_count = 4, block_count = 3000, round_count = 40 };

static const char *way;
static char trace[64] = "trace.bin";
static pthread_barrier_t half;
static volatile int is_over;
static struct {
    long blocks, bytes;
} books[thread_count];

/* Blocks of many places, so that stacks are met for the first time, too. */
static __attribute__((noinline)) void *allocate(size_t size, int depth)
{
    if (depth > 0) {
        void *block = allocate(size, depth - 1);
        *(volatile char *)block = (char)depth;
        return block;
    }
    return malloc(size);
}

static void churn(int number, int rounds)
{
    static __thread void *blocks[block_count];
    for (int round = 0; round < rounds; round++) {
        for (int i = 0; i < block_count; i++) {
            size_t size = (size_t)(1 + (i * 7 + round) % 500);
            blocks[i] = allocate(size, (i + round + number) % 12);
            memset(blocks[i], number, size);
            books[number].blocks++;
            books[number].bytes += (long)size;
            if (i % 3 == 0) {
                free(blocks[i]);
                blocks[i] = NULL;
            }
        }
        for (int i = 0; i < block_count; i++)
            free(blocks[i]);
    }
}

static void *work(void *argument)
{
    int number = (int)(long)argument;
    sigset_t all;
    churn(number, round_count);
    pthread_barrier_wait(&half);
    pthread_barrier_wait(&half);
    sigfillset(&all);
    if (!strcmp(way, "held"))
        pthread_sigmask(SIG_SETMASK, &all, NULL);
    churn(number, round_count);
    return NULL;
}

static void cut(long length, int grows)
{
    struct stat before;
    if (stat(trace, &before))
        return; /* natively */
    if (length < 0)
        length = before.st_size / 2;
    if (truncate(trace, length) || (grows && truncate(trace, before.st_size)))
        perror("truncate");
}

static void cut_once(void)
{
    char *end;
    if (!strcmp(way, "half"))
        cut(-1, 0);
    else if (!strcmp(way, "held") || !strcmp(way, "forked"))
        cut(0, 0);
    else if (!strcmp(way, "twice"))
        cut(70000, 0);
    else {
        long length = strtol(way, &end, 10);
        cut(length, *end == '+');
    }
}

static void *storm(void *argument)
{
    static const long lengths[] = {200000, 70000, -1, 4096, 100, 0};
    for (int i = 0; !is_over; i++) {
        cut(lengths[i % 6], i / 6 % 2);
        usleep(100);
    }
    return argument;
}

static void run(void)
{
    pthread_t threads[thread_count], cutter;
    pthread_barrier_init(&half, NULL, thread_count + 1);
    for (long i = 0; i < thread_count; i++)
        pthread_create(&threads[i], NULL, work, (void *)i);
    pthread_barrier_wait(&half);
    if (!strcmp(way, "storm"))
        pthread_create(&cutter, NULL, storm, NULL);
    else
        cut_once();
    if (!strcmp(way, "held")) /* one that may be sent signals meets it first */
        free(allocate(1, 1));
    pthread_barrier_wait(&half);
    if (!strcmp(way, "twice"))
        cut(0, 0);
    for (int i = 0; i < thread_count; i++)
        pthread_join(threads[i], NULL);
    is_over = 1;
    if (!strcmp(way, "storm"))
        pthread_join(cutter, NULL);
    for (int i = 0; i < thread_count; i++)
        printf("%ld blocks, %ld bytes\n", books[i].blocks, books[i].bytes);
    fflush(stdout);
}

int main(int argc, char **argv)
{
    way = argc > 1 ? argv[1] : "0";
    run();
    if (strcmp(way, "forked"))
        return 23;
    pid_t child = fork();
    if (!child) {
        sprintf(trace, "trace.%d.bin", (int)getpid());
        memset(books, 0, sizeof books);
        run();
        _exit(24);
    }
    int status;
    waitpid(child, &status, 0);
    return WIFEXITED(status) && WEXITSTATUS(status) == 24 ? 23 : 1;
}
