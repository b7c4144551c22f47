/* SPDX-License-Identifier: Apache-2.0
 *
 * Closes a descriptor of ours: close() is a door, and keeps errno to itself.
 */
#ifndef MT_DESCRIPTOR_H
#define MT_DESCRIPTOR_H

#include <errno.h>
#include <sys/syscall.h>
#include <unistd.h>

static inline void mt_descriptor_close(int descriptor)
{
    int saved_errno = errno;
    if (descriptor >= 0)
        syscall(SYS_close, descriptor);
    errno = saved_errno;
}

#endif
