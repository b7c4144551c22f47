/* SPDX-License-Identifier: Apache-2.0
 *
 * Sends itself SIGUSR2, for MEMTRACE_MARK_SIGNAL=USR2. As `marksignal ROLE`:
 *   storm    three threads allocate and free while a fourth sends 500 of them
 *   own      installs a handler of its own, which then has them all
 *   fork     the parent has two, a child of fork that has allocated has one
 * Prints how many signals its own handler had, and whether all threads did
 * their work.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { thread_count = 3, signal_count = 500 };

static volatile sig_atomic_t own_count;
static _Atomic bool is_over;
static _Atomic int failure_count;

static void on_signal(int number)
{
    (void)number;
    own_count++;
}

static void *allocate(void *unused)
{
    void *blocks[100] = {0};
    for (unsigned i = 0; !is_over; i++) {
        errno = 77;
        free(blocks[i % 100]);
        blocks[i % 100] = malloc(i % 3000);
        failure_count += errno != 77 || !blocks[i % 100];
    }
    for (int i = 0; i < 100; i++)
        free(blocks[i]);
    return unused;
}

static void storm(void)
{
    pthread_t threads[thread_count];
    for (int i = 0; i < thread_count; i++)
        pthread_create(&threads[i], NULL, allocate, NULL);
    /* Signals of a thread are not merged with those of another, and the next
     * one is sent when this one was taken. */
    for (int i = 0; i < signal_count; i++) {
        sigset_t pending;
        pthread_kill(i % 4 ? threads[i % thread_count] : pthread_self(),
                     SIGUSR2);
        for (int tries = 0; tries < 20; tries++) {
            sigpending(&pending);
            sched_yield();
        }
    }
    is_over = true;
    for (int i = 0; i < thread_count; i++)
        pthread_join(threads[i], NULL);
}

int main(int count, char **arguments)
{
    const char *role = count > 1 ? arguments[1] : "";
    if (!strcmp(role, "storm"))
        storm();
    if (!strcmp(role, "own")) {
        raise(SIGUSR2);
        signal(SIGUSR2, on_signal);
        raise(SIGUSR2);
        raise(SIGUSR2);
    }
    if (!strcmp(role, "fork")) {
        raise(SIGUSR2);
        raise(SIGUSR2);
        pid_t child = fork();
        if (child == 0) {
            free(malloc(10));
            raise(SIGUSR2);
            exit(0);
        }
        waitpid(child, NULL, 0);
        printf("%d ", (int)child);
    }
    printf("%d %d\n", (int)own_count, failure_count);
    return 0;
}
