/* SPDX-License-Identifier: Apache-2.0
 *
 * A program that knows what samples of its memory must say. As `samples
 * ROLE`:
 *   grow      holds memory of every kind, makes the snapshot "grown", and
 *             prints what /proc and mallinfo2 tell itself
 *   churn     allocates and frees for SECONDS, holding 1,000 blocks
 *   exec      is large, and then executes itself as `small`
 *   fork      prints the pid of a child made by fork, which churns
 *   _fork     the same by _Fork, which puts no lock of malloc right
 *   handler   has a handler allocate by timer while it is inside malloc
 *   waste     keeps every second of 200,000 blocks
 */
#define _GNU_SOURCE
#include "memtrace.h"
#include <errno.h>
#include <malloc.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define MEBIBYTE ((size_t)1 << 20)
enum { thread_count = 3 };

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static void churn(double seconds)
{
    static void *volatile blocks[1000];
    double end = now() + seconds;
    for (unsigned i = 0; now() < end; i++)
        for (unsigned j = 0; j < 100; j++) {
            unsigned k = (i * 37 + j * 11) % 1000;
            free(blocks[k]);
            blocks[k] = malloc(100 + k);
        }
}

static long status(const char *key)
{
    char line[256];
    long number = -1;
    FILE *file = fopen("/proc/self/status", "r");
    while (file && fgets(line, sizeof line, file))
        if (!strncmp(line, key, strlen(key)))
            number = atol(line + strlen(key));
    if (file)
        fclose(file);
    return number;
}

static void *idle(void *barrier)
{
    pthread_barrier_wait(barrier);
    pause();
    return NULL;
}

static int grow(void)
{
    /* The parts of RSS. */
    char *anonymous = malloc(64 * MEBIBYTE);
    memset(anonymous, 1, 64 * MEBIBYTE);
    FILE *made = fopen("file", "w");
    if (!made)
        return 1;
    fwrite(anonymous, 1, 8 * MEBIBYTE, made);
    fclose(made);
    FILE *file = fopen("file", "r");
    volatile char *mapped = mmap(NULL, 8 * MEBIBYTE, PROT_READ,
                                 MAP_PRIVATE | MAP_POPULATE, fileno(file), 0);
    void *shared = mmap(NULL, 16 * MEBIBYTE, PROT_READ | PROT_WRITE,
                        MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    memset(shared, 1, 16 * MEBIBYTE);
    pthread_barrier_t barrier;
    pthread_barrier_init(&barrier, NULL, thread_count + 1);
    for (int i = 0; i < thread_count; i++) {
        pthread_t thread;
        pthread_create(&thread, NULL, idle, &barrier);
    }
    pthread_barrier_wait(&barrier);
    churn(1.2); /* so that all that is dear fits into its share */

    memtrace_snapshot("grown");
    struct mallinfo2 books = mallinfo2();
    printf("{\"rss\":%ld,\"anonymous\":%ld,\"file\":%ld,\"shmem\":%ld,"
           "\"peak\":%ld,\"threads\":%ld,\"arena\":%zu,\"used\":%zu,"
           "\"free\":%zu,\"mapped\":%zu}\n",
           status("VmRSS:"), status("RssAnon:"), status("RssFile:"),
           status("RssShmem:"), status("VmHWM:"), status("Threads:"),
           books.arena, books.uordblks, books.fordblks, books.hblkhd);
    return mapped[0] != 1;
}

static void child_churns(pid_t child)
{
    if (child == 0) {
        churn(0.8);
        _exit(0);
    }
    printf("%d\n", (int)child);
    waitpid(child, NULL, 0);
}

/* Keeps every second of so many blocks. */
static void waste(int block_count)
{
    static void *blocks[200000];
    for (int i = 0; i < block_count; i++)
        blocks[i] = malloc(1200);
    for (int i = 0; i < block_count; i += 2)
        free(blocks[i]);
}

static volatile sig_atomic_t handled;

/* A block of this size is always in the thread's cache, for which malloc takes
 * no lock. Not allowed, but it works, and must go on to. */
static void on_signal(int number)
{
    (void)number;
    int saved_errno = errno;
    free(malloc(24));
    handled++;
    errno = saved_errno;
}

/* Nearly always inside malloc, with its lock, and without an event of its own. */
static int handler(void)
{
    struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_RESTART};
    struct itimerval timer = {{0, 200}, {0, 200}};
    waste(20000), churn(0.8);
    free(malloc(24));
    sigaction(SIGALRM, &action, NULL);
    setitimer(ITIMER_REAL, &timer, NULL);
    while (handled < 3000)
        mallinfo2();
    setitimer(ITIMER_REAL, &(struct itimerval){0}, NULL);
    puts("handled");
    return 0;
}

int main(int count, char **arguments)
{
    const char *role = count > 1 ? arguments[1] : "";
    if (!strcmp(role, "grow"))
        return grow();
    if (!strcmp(role, "churn") && count > 2)
        churn(atof(arguments[2]));
    if (!strcmp(role, "exec")) {
        memset(malloc(100 * MEBIBYTE), 1, 100 * MEBIBYTE);
        execl("/proc/self/exe", "samples", "small", (char *)NULL);
    }
    if (!strcmp(role, "small"))
        churn(0.1);
    if (!strcmp(role, "fork"))
        child_churns(fork());
    if (!strcmp(role, "_fork"))
        child_churns(_Fork());
    if (!strcmp(role, "handler"))
        return handler();
    if (!strcmp(role, "waste"))
        waste(200000), churn(0.3);
    return 0;
}
