/* SPDX-License-Identifier: Apache-2.0
 *
 * The doors of the close family: the trace's descriptor is not the program's,
 * and to the program it looks as if it were not open. A daemon that closes
 * everything leaves it alone; a program that wants its very number gets it.
 */
#include "attributes.h"
#include "real.h"
#include "trace_file.h"
#include "unwinder.h"

#include <errno.h>
#include <limits.h>
#include <unistd.h>

/* -1 matches no descriptor of the program's. */
static bool is_trace(int descriptor)
{
    return MT_UNLIKELY(descriptor >= 0 &&
                       descriptor == mt_trace_file_descriptor());
}

static int not_open(void)
{
    errno = EBADF;
    return -1;
}

MT_EXPORT int close(int descriptor)
{
    mt_real_begin();
    return is_trace(descriptor) ? not_open() : mt_real.close(descriptor);
}

MT_EXPORT int dup2(int old, int wanted)
{
    mt_real_begin();
    if (is_trace(old))
        return not_open();
    if (is_trace(wanted))
        mt_trace_file_yield_descriptor(wanted);
    return mt_real.dup2(old, wanted);
}

MT_EXPORT int dup3(int old, int wanted, int flags)
{
    mt_real_begin();
    if (is_trace(old))
        return not_open();
    if (is_trace(wanted))
        mt_trace_file_yield_descriptor(wanted);
    return mt_real.dup3(old, wanted, flags);
}

MT_EXPORT int close_range(unsigned first, unsigned last, int flags)
{
    mt_real_begin();
    if (!mt_real.close_range) {
        errno = ENOSYS;
        return -1;
    }
    int trace = mt_trace_file_descriptor();
    unsigned middle = (unsigned)trace;
    if (trace < 0 || first > last || middle < first || middle > last)
        return mt_real.close_range(first, last, flags);
    if (middle > first && mt_real.close_range(first, middle - 1, flags))
        return -1;
    return middle < last ? mt_real.close_range(middle + 1, last, flags) : 0;
}

/* libunwind opens a pipe as soon as it is used, to try addresses by writing
 * them to it. It would take the lowest free numbers among the program's, and
 * go on using them whatever the program puts there. It does without: its
 * tries then fail, and we do not let it walk where it would have to try. */
MT_EXPORT int pipe2(int ends[2], int flags)
{
    mt_real_begin();
    if (MT_UNLIKELY(mt_unwinder_is_at_work())) {
        errno = EMFILE;
        return -1;
    }
    return mt_real.pipe2(ends, flags);
}

MT_EXPORT int pipe(int ends[2])
{
    mt_real_begin();
    if (MT_UNLIKELY(mt_unwinder_is_at_work())) {
        errno = EMFILE;
        return -1;
    }
    return mt_real.pipe(ends);
}

MT_EXPORT void closefrom(int first)
{
    mt_real_begin();
    int trace = mt_trace_file_descriptor();
    int from = first < 0 ? 0 : first;
    if (trace < from) {
        if (mt_real.closefrom)
            mt_real.closefrom(first);
        return;
    }
    if (!close_range((unsigned)from, UINT_MAX, 0))
        return;
    /* Linux before 5.9, or a seccomp filter. */
    for (long last = sysconf(_SC_OPEN_MAX); from < last; from++)
        if (from != trace)
            mt_real.close(from);
}
