/* SPDX-License-Identifier: Apache-2.0
 *
 * See descriptor.h.
 */
#include "descriptor.h"

#include <fcntl.h>
#include <sys/resource.h>

#define CEILING 1024
#define ROOM 24

int mt_descriptor_raise(int descriptor)
{
    struct rlimit limit;
    rlim_t ceiling = CEILING;
    if (!getrlimit(RLIMIT_NOFILE, &limit) && limit.rlim_cur < ceiling)
        ceiling = limit.rlim_cur;
    int floor = ceiling > ROOM ? (int)ceiling - ROOM : 0;
    int high = fcntl(descriptor, F_DUPFD_CLOEXEC, floor);
    if (high < 0)
        return descriptor;
    mt_descriptor_close(descriptor);
    return high;
}
