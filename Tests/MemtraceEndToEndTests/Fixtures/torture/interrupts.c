/* SPDX-License-Identifier: Apache-2.0
 *
 * Does in a signal handler what the functions that it interrupts do, too: a
 * timer fires while 40 frames allocate and free, again and again. `pipes`: the
 * handler makes a pipe 300 times, whose ends must be the lowest numbers that
 * are free, and closes it and every number up to 1,100; says "wrong 0".
 * `ends N LIBRARY`: N children load and unload plugin.c while they allocate by
 * it, and end themselves by _exit(21) in the handler; says "ended N". `hangs`:
 * ends itself by _exit(21) while a thread holds the loader's lock for ever.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <link.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#define NEVER __attribute__((noinline))
enum { pipe_limit = 300, number_limit = 1100 };

static volatile int pipes, wrong;

static void make_a_pipe(int number)
{
    (void)number;
    int ends[2];
    if (pipes == pipe_limit)
        return;
    if (pipe(ends) != 0 || ends[0] != 3 || ends[1] != 4)
        wrong++;
    for (int descriptor = 3; descriptor < number_limit; descriptor++)
        close(descriptor);
    pipes++;
}

static void end_here(int number)
{
    (void)number;
    _exit(21);
}

static NEVER void allocate_below(int depth)
{
    volatile char frame[64] = {0};
    if (depth > 0) {
        allocate_below(depth - 1);
        frame[0]++;
        return;
    }
    for (volatile int i = 0; i < 100; i++) {
        void *volatile block = malloc(24);
        free(block);
    }
}

static void begin(void (*handler)(int), int microseconds)
{
    struct itimerval timer = {{0, microseconds}, {0, microseconds}};
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = handler;
    action.sa_flags = SA_RESTART;
    sigaction(SIGALRM, &action, NULL);
    setitimer(ITIMER_REAL, &timer, NULL);
}

static NEVER void lose_one(void)
{
    *(volatile char *)malloc(77) = 1;
}

/* Each time the library is an image that is met for the first time. */
static void allocate_by(const char *library)
{
    void *handle = dlopen(library, RTLD_NOW);
    void (*leak)(int) = NULL;
    *(void **)(void *)&leak = dlsym(handle, "plugin_work");
    leak(1);
    dlclose(handle);
}

static int end_in_handlers(int count, const char *library)
{
    int ended = 0;
    for (int i = 0; i < count; i++) {
        pid_t child = fork();
        if (child == 0) {
            lose_one();
            begin(end_here, 1000 + 37 * i);
            for (;;)
                allocate_by(library);
        }
        int status;
        waitpid(child, &status, 0);
        ended += WIFEXITED(status) && WEXITSTATUS(status) == 21;
    }
    dprintf(1, "ended %d\n", ended);
    return 0;
}

static int hang(struct dl_phdr_info *info, size_t size, void *gate)
{
    (void)info;
    (void)size;
    if (write(((int *)gate)[1], "", 1) == 1)
        for (;;)
            pause();
    return 0;
}

static void *hang_in_the_loader(void *gate)
{
    dl_iterate_phdr(hang, gate);
    return NULL;
}

static int end_while_a_thread_hangs(void)
{
    int gate[2];
    char byte;
    pthread_t thread;
    lose_one();
    if (pipe(gate) != 0 ||
        pthread_create(&thread, NULL, hang_in_the_loader, gate) != 0 ||
        read(gate[0], &byte, 1) != 1)
        return 1;
    _exit(21);
}

int main(int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], "hangs") == 0)
        return end_while_a_thread_hangs();
    if (argc > 3 && strcmp(argv[1], "ends") == 0)
        return end_in_handlers(atoi(argv[2]), argv[3]);
    begin(make_a_pipe, 1000);
    while (pipes < pipe_limit)
        allocate_below(40);
    signal(SIGALRM, SIG_IGN);
    lose_one();
    dprintf(1, "wrong %d\n", wrong);
    return 0;
}
