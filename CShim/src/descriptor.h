/* SPDX-License-Identifier: Apache-2.0
 *
 * Descriptors of ours among the program's.
 */
#ifndef MT_DESCRIPTOR_H
#define MT_DESCRIPTOR_H

#include <errno.h>
#include <sys/syscall.h>
#include <unistd.h>

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
