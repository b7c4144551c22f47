/* SPDX-License-Identifier: Apache-2.0
 *
 * Descriptors of ours among the program's.
 */
#ifndef MT_DESCRIPTOR_H
#define MT_DESCRIPTOR_H

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

/* The kernel is called directly: libc's functions of these names are points
 * at which a thread may be cancelled, and malloc is none. */

static inline int mt_descriptor_open(const char *path, int flags)
{
    return (int)syscall(SYS_openat, AT_FDCWD, path, flags | O_CLOEXEC, 0600);
}

static inline ssize_t mt_descriptor_read(int descriptor, void *buffer,
                                         size_t byte_count)
{
    return syscall(SYS_read, descriptor, buffer, byte_count);
}

static inline ssize_t mt_descriptor_read_at(int descriptor, void *buffer,
                                            size_t byte_count, uint64_t offset)
{
    return syscall(SYS_pread64, descriptor, buffer, byte_count, offset);
}

static inline ssize_t mt_descriptor_write(int descriptor, const void *buffer,
                                          size_t byte_count)
{
    return syscall(SYS_write, descriptor, buffer, byte_count);
}

static inline ssize_t mt_descriptor_write_at(int descriptor,
                                             const struct iovec *pieces,
                                             int piece_count, uint64_t offset)
{
    return syscall(SYS_pwritev, descriptor, pieces, piece_count, offset, 0);
}

static inline int mt_descriptor_allocate(int descriptor, uint64_t offset,
                                         uint64_t byte_count)
{
    return (int)syscall(SYS_fallocate, descriptor, 0, offset, byte_count);
}

/* close() is a door; this keeps errno to itself. */
static inline void mt_descriptor_close(int descriptor)
{
    int saved_errno = errno;
    if (descriptor >= 0)
        syscall(SYS_close, descriptor);
    errno = saved_errno;
}

/* Moves `descriptor` out of the way of programs that count on small numbers;
 * below 1024, for those that use select(). Returns where it is then. */
int mt_descriptor_raise(int descriptor);

#endif
