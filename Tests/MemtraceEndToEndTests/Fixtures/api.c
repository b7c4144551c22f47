/* SPDX-License-Identifier: Apache-2.0
 *
 * Uses memtrace.h as a program would that is not always traced: it links
 * without the library, and does the same with and without it. Leaks 10
 * blocks of 32 bytes in first_phase(), 20 in second_phase() after the mark
 * "loaded", 40 in unseen() while recording is paused (which are not to be
 * recorded), 5 in third_phase() after it was resumed. As `api marks` it makes
 * 1,000 marks from 4 threads instead, and some with strange names.
 */
#include "memtrace.h"
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NEVER __attribute__((noinline))

static void leak(int count)
{
    for (int i = 0; i < count; i++)
        *(volatile char *)malloc(32) = 1;
}

static NEVER void first_phase(void)
{
    leak(10);
}

static NEVER void second_phase(void)
{
    leak(20);
}

static NEVER void unseen(void)
{
    leak(40);
}

static NEVER void third_phase(void)
{
    leak(5);
}

static void *mark_often(void *number)
{
    char name[40];
    for (int i = 0; i < 250; i++) {
        snprintf(name, sizeof name, "thread %d mark %d", *(int *)number, i);
        memtrace_mark(name);
    }
    return NULL;
}

static int many_marks(void)
{
    pthread_t threads[4];
    int numbers[4] = {0, 1, 2, 3};
    char long_name[5000];
    memset(long_name, 'x', sizeof long_name - 1);
    long_name[sizeof long_name - 1] = '\0';
    memtrace_mark(long_name);
    memtrace_mark("");
    memtrace_mark("not \xff\xfe UTF-8 \x1b[31m\n");
    memtrace_mark(NULL);
    for (int i = 0; i < 4; i++)
        pthread_create(&threads[i], NULL, mark_often, &numbers[i]);
    for (int i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
    return 0;
}

int main(int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], "marks") == 0)
        return many_marks();
    char *volatile before_pause = malloc(1000);
    dprintf(1, "recording %d\n", memtrace_is_recording());
    first_phase();
    memtrace_mark("loaded");
    second_phase();
    memtrace_snapshot("half way");
    memtrace_pause();
    dprintf(1, "recording %d\n", memtrace_is_recording());
    unseen();
    char *volatile during_pause = malloc(2000);
    free(before_pause); /* its end is recorded all the same */
    memtrace_resume();
    dprintf(1, "recording %d\n", memtrace_is_recording());
    free(during_pause); /* and this one never began */
    third_phase();
    return 0;
}
