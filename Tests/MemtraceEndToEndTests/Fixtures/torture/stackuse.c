/* SPDX-License-Identifier: Apache-2.0
 *
 * Says how much stack a thread used for what its argument names: paints the
 * stack of a thread, lets it work, and looks how far the paint is gone. As
 * "used N" on stdout, in bytes. `forked` is a child's first event, on its own
 * copy of that stack.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define NEVER __attribute__((noinline))
enum { stack_byte_count = 256 * 1024, paint = 0xa5 };

static unsigned char *stack;

static void say(void)
{
    size_t untouched = 0;
    while (untouched < stack_byte_count && stack[untouched] == paint)
        untouched++;
    dprintf(1, "used %zu\n", stack_byte_count - untouched);
}

static NEVER void events(int count)
{
    static __thread void *volatile blocks[4096];
    for (int i = 0; i < count; i++) {
        free(blocks[i % 4096]);
        blocks[i % 4096] = malloc((size_t)(i % 300));
    }
}

static NEVER void first(void)
{
    free(malloc(10));
}

static NEVER void windows(void)
{
    events(100000);
}

static NEVER void forked(void)
{
    if (fork() == 0) {
        events(10);
        say();
        _exit(0);
    }
    wait(NULL);
    _exit(0);
}

static NEVER void handled(int number)
{
    (void)number;
    free(malloc(10));
}

static NEVER void in_a_handler(void)
{
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = handled;
    sigaction(SIGUSR1, &action, NULL);
    raise(SIGUSR1);
}

static const struct {
    const char *name;
    void (*work)(void);
} works[] = {
    {"nothing", NULL},  {"first", first},          {"windows", windows},
    {"forked", forked}, {"handler", in_a_handler},
};

static void *run(void *work)
{
    if (work)
        ((void (*)(void))work)();
    return NULL;
}

int main(int argc, char **argv)
{
    void (*work)(void) = NULL;
    for (unsigned i = 0; i < sizeof works / sizeof *works; i++)
        if (argc > 1 && strcmp(argv[1], works[i].name) == 0)
            work = works[i].work;
    stack = mmap(NULL, stack_byte_count, PROT_READ | PROT_WRITE,
                 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (stack == MAP_FAILED)
        return 1;
    memset(stack, paint, stack_byte_count);
    pthread_attr_t attributes;
    pthread_t thread;
    pthread_attr_init(&attributes);
    pthread_attr_setstack(&attributes, stack, stack_byte_count);
    if (pthread_create(&thread, &attributes, run, (void *)work) != 0)
        return 1;
    pthread_join(thread, NULL);
    say();
    return 0;
}
