/* SPDX-License-Identifier: Apache-2.0
 *
 * A library to be preloaded behind the shim: clocks that jump back and forth
 * by a quarter of an hour every few readings.
 */
#define _GNU_SOURCE
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

int clock_gettime(clockid_t clock, struct timespec *time)
{
    static unsigned readings;
    long result = syscall(SYS_clock_gettime, clock, time);
    unsigned turn = __atomic_add_fetch(&readings, 1, __ATOMIC_RELAXED) / 5;
    if (result == 0 && turn % 2)
        time->tv_sec -= turn % 4 == 1 ? 900 : -900;
    return (int)result;
}
