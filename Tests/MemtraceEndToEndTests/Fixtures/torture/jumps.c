/* SPDX-License-Identifier: Apache-2.0
 *
 * Jumps out of signal handlers, whatever they interrupted: mmap and munmap,
 * which may be left that way, under a fast interval timer, until 3,000 jumps
 * were made. Then allocates 1,000 blocks of 56 bytes in after_the_jumps(),
 * deeper on the stack than the interrupted calls were, and as many in
 * main(). With `alternate` the handler runs on a stack of its own.
 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/time.h>

#define NEVER __attribute__((noinline))
enum { jump_limit = 3000, area_byte_count = 65536 };

static sigjmp_buf way_out;
static volatile int jumps;

static void on_signal(int number)
{
    (void)number;
    if (jumps >= jump_limit)
        return;
    jumps++;
    siglongjmp(way_out, 1);
}

static NEVER void map_for_ever(void)
{
    while (jumps < jump_limit) {
        void *area = mmap(NULL, area_byte_count, PROT_READ | PROT_WRITE,
                          MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        munmap(area, area_byte_count);
    }
}

static NEVER void keep_block(void)
{
    *(volatile char *)malloc(56) = 1;
}

static NEVER void after_the_jumps(int depth)
{
    char room[512];
    memset(room, depth, sizeof room);
    if (depth > 0)
        after_the_jumps(depth - 1);
    else
        for (int i = 0; i < 1000; i++)
            keep_block();
    if (room[depth] != depth) /* also keeps the frame as large as it is */
        abort();
}

int main(int argc, char **argv)
{
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = on_signal;
    if (argc > 1 && strcmp(argv[1], "alternate") == 0) {
        static char area[65536];
        stack_t stack = {.ss_sp = area, .ss_size = sizeof area};
        sigaltstack(&stack, NULL);
        action.sa_flags = SA_ONSTACK;
    }
    sigaction(SIGALRM, &action, NULL);
    struct itimerval timer = {{0, 40}, {0, 40}}, none = {{0, 0}, {0, 0}};
    if (!sigsetjmp(way_out, 1)) /* the first signal may come at once */
        setitimer(ITIMER_REAL, &timer, NULL);
    map_for_ever();
    setitimer(ITIMER_REAL, &none, NULL);
    after_the_jumps(20);
    for (int i = 0; i < 1000; i++)
        keep_block();
    printf("jumped %d\n", jumps);
    return 0;
}
