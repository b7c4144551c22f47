/* SPDX-License-Identifier: Apache-2.0
 *
 * Processes by the hundred. `forks COUNT`: three threads fork COUNT children
 * each, as fast as they can, and every fifth child has a child of its own;
 * each loses one block of 24 bytes in child_loss(). `clone`: children that
 * run on a stack of their own, one of them in our memory until it calls
 * _exit, as vfork has it. `handler`: a signal handler forks while the program
 * allocates. The parent loses 3 blocks of 32 bytes in parent_loss().
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#define NEVER __attribute__((noinline))
enum { stack_byte_count = 64 * 1024 };

static int count = 50;
static volatile int failures;

static NEVER void child_loss(void)
{
    *(volatile char *)malloc(24) = 1;
}

static NEVER void parent_loss(void)
{
    for (int i = 0; i < 3; i++)
        *(volatile char *)malloc(32) = 1;
}

static void await(pid_t child)
{
    int status = -1;
    if (child < 0 || waitpid(child, &status, 0) != child || status != 0)
        failures++;
}

static NEVER void *fork_many(void *unused)
{
    for (int i = 0; i < count; i++) {
        free(malloc(100));
        pid_t child = fork();
        if (child == 0) {
            child_loss();
            if (i % 5 == 0) {
                pid_t grandchild = fork();
                if (grandchild == 0) {
                    child_loss();
                    _exit(0);
                }
                await(grandchild);
            }
            _exit(failures != 0);
        }
        await(child);
    }
    return unused;
}

static void forks(void)
{
    pthread_t threads[3];
    for (int i = 0; i < 3; i++)
        pthread_create(&threads[i], NULL, fork_many, NULL);
    for (int i = 0; i < 3; i++)
        pthread_join(threads[i], NULL);
}

static int cloned(void *unused)
{
    (void)unused;
    child_loss();
    return 0;
}

static int cloned_in_our_memory(void *unused)
{
    (void)unused;
    _exit(0);
}

static void clones(void)
{
    char *stack = mmap(NULL, stack_byte_count, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    char *top = stack + stack_byte_count;
    for (int i = 0; i < count; i++) {
        await(clone(cloned, top, SIGCHLD, NULL));
        await(clone(cloned_in_our_memory, top, CLONE_VM | CLONE_VFORK | SIGCHLD,
                    NULL));
    }
}

static volatile int forked;

static void fork_in_handler(int number)
{
    (void)number;
    pid_t child = _Fork(); /* the one that a handler may call */
    if (child == 0)
        _exit(0);
    await(child);
    forked++;
}

static void forking_handler(void)
{
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = fork_in_handler;
    action.sa_flags = SA_RESTART;
    sigaction(SIGALRM, &action, NULL);
    struct itimerval timer = {{0, 500}, {0, 500}}, none = {{0, 0}, {0, 0}};
    setitimer(ITIMER_REAL, &timer, NULL);
    while (forked < count)
        for (int i = 0; i < 1000; i++)
            free(malloc((size_t)i));
    setitimer(ITIMER_REAL, &none, NULL);
}

int main(int argc, char **argv)
{
    const char *how = argc > 1 ? argv[1] : "forks";
    count = argc > 2 ? atoi(argv[2]) : count;
    if (strcmp(how, "forks") == 0)
        forks();
    else if (strcmp(how, "clone") == 0)
        clones();
    else if (strcmp(how, "handler") == 0)
        forking_handler();
    parent_loss();
    printf("failures %d\n", failures);
    return 0;
}
