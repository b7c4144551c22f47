/* SPDX-License-Identifier: Apache-2.0
 *
 * See process.h.
 */
#define _GNU_SOURCE
#include "process.h"
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

static int child_events = -1;

bool bench_adopt_orphans(void)
{
    return prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) == 0;
}

static void child_ended(int signal)
{
    (void)signal;
    int saved_errno = errno;
    uint64_t one = 1;
    /* Full only after 2^64 - 2 children that nobody asked for. */
    ssize_t ignored = write(child_events, &one, sizeof one);
    (void)ignored;
    errno = saved_errno;
}

bool bench_notice_children(void)
{
    if (child_events >= 0)
        return true;
    int events = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (events < 0)
        return false;
    child_events = events;
    struct sigaction action = {.sa_handler = child_ended,
                               .sa_flags = SA_RESTART | SA_NOCLDSTOP};
    sigemptyset(&action.sa_mask);
    return sigaction(SIGCHLD, &action, NULL) == 0;
}

void bench_await_child(long long nanoseconds)
{
    struct pollfd events = {.fd = child_events, .events = POLLIN};
    struct timespec limit = {.tv_sec = nanoseconds / 1000000000,
                             .tv_nsec = nanoseconds % 1000000000};
    if (ppoll(&events, 1, &limit, NULL) <= 0)
        return;
    uint64_t count;
    ssize_t ignored = read(child_events, &count, sizeof count);
    (void)ignored;
}

int bench_spawn_isolate(posix_spawn_file_actions_t *actions,
                        const char *directory)
{
    int failure = posix_spawn_file_actions_addchdir_np(actions, directory);
    return failure ? failure
                   : posix_spawn_file_actions_addclosefrom_np(actions, 3);
}
