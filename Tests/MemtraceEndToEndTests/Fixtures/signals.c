/* SPDX-License-Identifier: Apache-2.0
 *
 * Allocates in signal handlers: `timer` under a fast interval timer, while
 * the program maps memory, copies and recurses; `stack` in a handler on an
 * alternate stack of 8 KiB; `leave` jumps out of the handler. The blocks of
 * on_signal() are 48 bytes and stay; "handled N" goes to stdout at the end.
 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <unistd.h>

#define NEVER __attribute__((noinline))
enum { handled_limit = 2000 };

static volatile bool in_malloc, jump_out;
static volatile int handled;
static sigjmp_buf way_out;

/* In glibc malloc is not to be called while the interrupted code is in it. */
static void on_signal(int number)
{
    (void)number;
    if (in_malloc || handled >= handled_limit)
        return;
    *(volatile char *)malloc(48) = 1;
    handled++;
    if (jump_out)
        siglongjmp(way_out, 1);
}

static NEVER void handle(int number, int flags)
{
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = on_signal;
    action.sa_flags = flags;
    sigaction(number, &action, NULL);
}

static NEVER void map_some(void)
{
    char *area = mmap(NULL, 65536, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    area[0] = 1;
    munmap(area, 65536);
}

static NEVER int recurse(int depth)
{
    volatile int here = depth;
    return depth == 0 ? 0 : recurse(depth - 1) + here % 2;
}

static NEVER void allocate_some(void)
{
    in_malloc = true;
    void *volatile block = malloc(100);
    free(block);
    in_malloc = false;
}

static NEVER void under_a_timer(void)
{
    struct itimerval timer = {{0, 50}, {0, 50}}, none = {{0, 0}, {0, 0}};
    handle(SIGALRM, SA_RESTART);
    setitimer(ITIMER_REAL, &timer, NULL);
    while (handled < handled_limit) {
        map_some();
        recurse(50);
        allocate_some();
    }
    setitimer(ITIMER_REAL, &none, NULL);
}

static NEVER void interrupted_here(void)
{
    raise(SIGUSR1);
}

static NEVER void on_a_small_stack(void)
{
    char *area = mmap(NULL, 3 * 4096, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    mprotect(area, 4096, PROT_NONE); /* below it nothing is to be written */
    stack_t stack = {.ss_sp = area + 4096, .ss_size = 2 * 4096};
    sigaltstack(&stack, NULL);
    handle(SIGUSR1, SA_ONSTACK);
    for (int i = 0; i < 100; i++)
        interrupted_here();
}

static NEVER void by_jumps(void)
{
    handle(SIGUSR1, 0);
    jump_out = true;
    for (volatile int i = 0; i < 100; i++)
        if (sigsetjmp(way_out, 1) == 0)
            interrupted_here();
}

int main(int argc, char **argv)
{
    const char *how = argc > 1 ? argv[1] : "timer";
    if (strcmp(how, "timer") == 0)
        under_a_timer();
    else if (strcmp(how, "stack") == 0)
        on_a_small_stack();
    else if (strcmp(how, "leave") == 0)
        by_jumps();
    else
        return 64;
    dprintf(1, "handled %d\n", handled);
    return 0;
}
