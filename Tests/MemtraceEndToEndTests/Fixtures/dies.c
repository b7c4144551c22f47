/* SPDX-License-Identifier: Apache-2.0
 *
 * Leaks 300 blocks of 40 bytes in leak_many() and 1 of 123,456 in leak_one(),
 * frees 1,000 more, and then ends in the way its argument names.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define NEVER __attribute__((noinline))

static NEVER void leak_many(void)
{
    for (int i = 0; i < 300; i++)
        *(volatile char *)malloc(40) = 1;
}

static NEVER void leak_one(void)
{
    *(volatile char *)malloc(123456) = 1;
}

static NEVER void free_all(void)
{
    for (int i = 0; i < 1000; i++) {
        char *volatile block = malloc(100);
        free(block);
    }
}

static void *exit_thread(void *status)
{
    exit(*(int *)status);
}

static void *last_thread(void *main_thread)
{
    pthread_join(*(pthread_t *)main_thread, NULL);
    leak_one();
    return NULL;
}

static NEVER int overflow(int depth)
{
    volatile char frame[4096];
    frame[depth % 4096] = (char)depth;
    return depth < 0 ? 0 : overflow(depth + 1) + frame[0];
}

static void after_signal(int number)
{
    _exit(100 + number);
}

static int end_by(const char *how, char **argv)
{
    static int status = 7;
    static pthread_t thread, self;
    if (strcmp(how, "return") == 0)
        return 3;
    if (strcmp(how, "exit") == 0)
        exit(4);
    if (strcmp(how, "atexit") == 0) {
        atexit(leak_one);
        exit(4);
    }
    if (strcmp(how, "_exit") == 0)
        _exit(5);
    if (strcmp(how, "exit_group") == 0)
        syscall(SYS_exit_group, 6);
    if (strcmp(how, "quick_exit") == 0)
        quick_exit(8);
    if (strcmp(how, "abort") == 0)
        abort();
    if (strcmp(how, "segv") == 0)
        *(volatile int *)(strlen(how) - 4) = 1;
    if (strcmp(how, "kill") == 0)
        kill(getpid(), SIGKILL);
    if (strcmp(how, "term") == 0)
        raise(SIGTERM);
    if (strcmp(how, "overflow") == 0)
        return overflow(0);
    if (strcmp(how, "handled") == 0) {
        signal(SIGSEGV, after_signal);
        raise(SIGSEGV);
    }
    if (strcmp(how, "thread-exit") == 0) {
        pthread_create(&thread, NULL, exit_thread, &status);
        pthread_join(thread, NULL);
    }
    if (strcmp(how, "main-thread-ends") == 0) {
        self = pthread_self();
        pthread_create(&thread, NULL, last_thread, &self);
        pthread_exit(NULL);
    }
    if (strcmp(how, "exec") == 0)
        execl("/proc/self/exe", argv[0], "again", (char *)NULL);
    if (strcmp(how, "exec-fails") == 0) {
        execl("/nonexistent/program", "program", (char *)NULL);
        leak_one();
        return 9;
    }
    return 70;
}

int main(int argc, char **argv)
{
    const char *how = argc > 1 ? argv[1] : "return";
    if (strcmp(how, "again") == 0) { /* what exec became */
        leak_one();
        leak_one();
        return 2;
    }
    leak_many();
    leak_one();
    free_all();
    if (write(1, "leaked\n", 7) != 7)
        return 1;
    return end_by(how, argv);
}
