/* SPDX-License-Identifier: Apache-2.0
 *
 * A signal handler under a fast timer calls what a handler may call, close,
 * dup2, _Fork and _exit among it, while the program is anywhere in malloc and
 * free. Leaks 1,000 blocks of 44 bytes in leak_some(); the children nothing.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#define NEVER __attribute__((noinline))
enum { signal_limit = 3000, child_every = 60 };

static volatile sig_atomic_t handled, children, failures;

static void on_signal(int number)
{
    (void)number;
    int saved_errno = errno;
    int copy = dup(1);
    if (copy < 0 || dup2(copy, 200) != 200 || close(copy) != 0 ||
        close(200) != 0 || close(200) != -1 || errno != EBADF)
        failures++;
    if (++handled % child_every == 0) {
        pid_t child = _Fork();
        if (child == 0)
            _exit(0);
        children += child > 0;
    }
    errno = saved_errno;
}

static NEVER void leak_some(void)
{
    for (int i = 0; i < 10; i++)
        *(volatile char *)malloc(44) = 1;
}

static NEVER void churn(void)
{
    static void *volatile blocks[3000];
    for (int i = 0; i < 3000; i++)
        blocks[i] = malloc((size_t)i);
    for (int i = 0; i < 3000; i++)
        free(blocks[i]);
}

int main(void)
{
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = on_signal;
    action.sa_flags = SA_RESTART;
    sigaction(SIGALRM, &action, NULL);
    struct itimerval timer = {{0, 60}, {0, 60}}, none = {{0, 0}, {0, 0}};
    setitimer(ITIMER_REAL, &timer, NULL);
    int leaks = 0;
    while (handled < signal_limit) {
        churn();
        if (leaks++ < 100)
            leak_some();
    }
    setitimer(ITIMER_REAL, &none, NULL);
    while (leaks++ < 100)
        leak_some();
    int ended = 0;
    while (wait(NULL) > 0)
        ended++;
    dprintf(1, "%d failures, all children %d\n", (int)failures,
            ended == (int)children);
    return 0;
}
