/* SPDX-License-Identifier: Apache-2.0
 *
 * See trace_descriptor.h.
 *
 * The program may close the descriptor, or put a file of its own under its
 * number. So its identity is checked before each use, with signals held back and
 * the use counted, and the doors of the close family (interpose_descriptor.c)
 * step around it. Never may a byte of ours land in a file of the program's.
 */
#include "trace_descriptor.h"

#include "descriptor.h"
#include "file_guard.h"
#include "trace_file.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdatomic.h>
#include <sys/stat.h>

static struct {
    dev_t device; /* identity of the file behind the descriptor */
    ino_t inode;
    _Atomic int descriptor;
    /* Threads between begin_use and end_use; mt_trace_descriptor_yield waits
     * for it to fall to zero. */
    _Atomic unsigned use_count;
} state = {.descriptor = -1};

int mt_trace_descriptor(void)
{
    return atomic_load_explicit(&state.descriptor, memory_order_relaxed);
}

static bool is_ours(int descriptor)
{
    struct stat status;
    return descriptor >= 0 && !fstat(descriptor, &status) &&
           status.st_dev == state.device && status.st_ino == state.inode;
}

/* The file is found again by its path when the descriptor is gone. */
static int reopened(void)
{
    int descriptor =
        mt_descriptor_open(mt_trace_file_path(), O_RDWR | O_NOFOLLOW);
    if (descriptor < 0)
        return -1;
    if (is_ours(descriptor))
        return mt_descriptor_raise(descriptor);
    mt_descriptor_close(descriptor);
    return -1;
}

bool mt_trace_descriptor_set(int descriptor)
{
    struct stat status;
    if (fstat(descriptor, &status))
        return false;
    state.device = status.st_dev;
    state.inode = status.st_ino;
    atomic_store(&state.use_count, 0);
    atomic_store(&state.descriptor, descriptor);
    return true;
}

void mt_trace_descriptor_abandon(void)
{
    int descriptor = mt_trace_descriptor();
    if (is_ours(descriptor))
        mt_descriptor_close(descriptor);
    atomic_store(&state.descriptor, -1);
    atomic_store(&state.use_count, 0);
}

int mt_trace_descriptor_begin_use(struct mt_descriptor_use *use)
{
    use->saved_errno = errno;
    mt_file_guard_hold_signals(&use->signals);
    /* Partner: the load in mt_trace_descriptor_yield. Sequentially consistent
     * on both sides: either it sees us, or we see its number. */
    atomic_fetch_add(&state.use_count, 1);
    int descriptor = atomic_load(&state.descriptor);
    if (is_ours(descriptor))
        return descriptor;
    descriptor = reopened();
    atomic_store(&state.descriptor, descriptor);
    return descriptor;
}

void mt_trace_descriptor_end_use(const struct mt_descriptor_use *use)
{
    atomic_fetch_sub(&state.use_count, 1);
    pthread_sigmask(SIG_SETMASK, &use->signals, NULL);
    errno = use->saved_errno;
}

void mt_trace_descriptor_yield(int wanted)
{
    int saved_errno = errno;
    int descriptor = mt_trace_descriptor();
    if (descriptor >= 0 && descriptor == wanted && is_ours(descriptor)) {
        int moved = fcntl(descriptor, F_DUPFD_CLOEXEC, descriptor + 1);
        if (moved < 0)
            moved = fcntl(descriptor, F_DUPFD_CLOEXEC, 0);
        atomic_store(&state.descriptor, moved);
        while (atomic_load(&state.use_count))
            sched_yield();
    }
    errno = saved_errno;
}
