/* SPDX-License-Identifier: Apache-2.0
 *
 * The doors of the close family: the trace's descriptor is not the program's,
 * and to the program it looks as if it were not open. A daemon that closes
 * everything leaves it alone; a program that wants its very number gets it.
 */
#include "attributes.h"
#include "real.h"
#include "trace_descriptor.h"
#include "unwinder.h"

#include <errno.h>
#include <limits.h>
#include <unistd.h>

/* -1 stands for none. */
static bool is_of_unwinder(int descriptor)
{
    return descriptor >= 0 && (descriptor == mt_unwinder_descriptor(0) ||
                               descriptor == mt_unwinder_descriptor(1));
}

/* Descriptors of ours: the trace, and the pipe that libunwind tries addresses
 * with. */
static bool is_own(int descriptor)
{
    return MT_UNLIKELY(
        descriptor >= 0 &&
        (descriptor == mt_trace_descriptor() || is_of_unwinder(descriptor)));
}

#define MT_IS_CALLED_BY_UNWINDER() \
    mt_unwinder_is_caller((uintptr_t)__builtin_return_address(0))

static int not_open(void)
{
    errno = EBADF;
    return -1;
}

MT_EXPORT int close(int descriptor)
{
    mt_real_begin();
    if (is_own(descriptor) && !MT_IS_CALLED_BY_UNWINDER())
        return not_open();
    return mt_real.close(descriptor);
}

/* The program is to have the number `wanted`, whatever stands there. */
static void make_way(int wanted)
{
    if (is_of_unwinder(wanted))
        mt_unwinder_give_up();
    else if (is_own(wanted))
        mt_trace_descriptor_yield(wanted);
}

MT_EXPORT int dup2(int old, int wanted)
{
    mt_real_begin();
    if (is_own(old))
        return not_open();
    make_way(wanted);
    return mt_real.dup2(old, wanted);
}

MT_EXPORT int dup3(int old, int wanted, int flags)
{
    mt_real_begin();
    if (is_own(old))
        return not_open();
    make_way(wanted);
    return mt_real.dup3(old, wanted, flags);
}

/* The lowest descriptor of ours in a range, or -1. */
static int lowest_own(unsigned first, unsigned last)
{
    int own[] = {mt_trace_descriptor(), mt_unwinder_descriptor(0),
                 mt_unwinder_descriptor(1)};
    int lowest = -1;
    for (unsigned i = 0; i < sizeof own / sizeof *own; i++)
        if (own[i] >= 0 && (unsigned)own[i] >= first &&
            (unsigned)own[i] <= last && (lowest < 0 || own[i] < lowest))
            lowest = own[i];
    return lowest;
}

MT_EXPORT int close_range(unsigned first, unsigned last, int flags)
{
    mt_real_begin();
    if (!mt_real.close_range) {
        errno = ENOSYS;
        return -1;
    }
    bool has_own = false;
    for (int own; first <= last && (own = lowest_own(first, last)) >= 0;
         first = (unsigned)own + 1) {
        has_own = true;
        if ((unsigned)own > first &&
            mt_real.close_range(first, (unsigned)own - 1, flags))
            return -1;
    }
    /* Also when the program's own range is upside down: EINVAL is the
     * kernel's to say. */
    return first <= last || !has_own ? mt_real.close_range(first, last, flags)
                                     : 0;
}

/* The only pipes that libunwind makes are its own. */
MT_EXPORT int pipe2(int ends[2], int flags)
{
    mt_real_begin();
    int result = mt_real.pipe2(ends, flags);
    if (MT_UNLIKELY(MT_IS_CALLED_BY_UNWINDER()) && !result)
        mt_unwinder_adopt_pipe(ends);
    return result;
}

MT_EXPORT int pipe(int ends[2])
{
    mt_real_begin();
    int result = mt_real.pipe(ends);
    if (MT_UNLIKELY(MT_IS_CALLED_BY_UNWINDER()) && !result)
        mt_unwinder_adopt_pipe(ends);
    return result;
}

MT_EXPORT void closefrom(int first)
{
    mt_real_begin();
    unsigned from = first < 0 ? 0 : (unsigned)first;
    if (!close_range(from, UINT_MAX, 0))
        return;
    /* Linux before 5.9, or a seccomp filter. */
    for (long last = sysconf(_SC_OPEN_MAX); from < last; from++)
        if (!is_own((int)from))
            mt_real.close((int)from);
}
