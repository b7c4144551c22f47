/* SPDX-License-Identifier: Apache-2.0
 *
 * The control group whose memory limit will be met first: the process's own,
 * or one of those around it. Versions 1 and 2. Every limit on the way up
 * counts, and the kernel kills when any of them is reached.
 *
 * One caller at a time: the sampler's flag sees to that.
 */
#ifndef MT_CGROUP_H
#define MT_CGROUP_H

#include <stdbool.h>
#include <stdint.h>

/* No limit. */
#define MT_CGROUP_UNLIMITED UINT64_MAX

/* Looks up, in `process_directory` ("/proc/self"), which group it is and where
 * its files are, and chooses. Once; dear, as the list of mounts may be long.
 * False when there is no group with a memory controller to be seen. */
bool mt_cgroup_find(const char *process_directory);

/* Chooses anew: of all groups on the way up that have a limit, the one with
 * the least room below it; without any the process's own. Limits change. */
void mt_cgroup_choose(void);

/* Of the group that was chosen; false before that, or when it is gone. */
bool mt_cgroup_usage(uint64_t *byte_count);
uint64_t mt_cgroup_limit(void);

struct mt_cgroup_details {
    bool has_oom_kills, has_file_byte_count;
    uint64_t oom_kills;
    uint64_t file_byte_count; /* file cache, without shared memory */
};
void mt_cgroup_read_details(struct mt_cgroup_details *details);

/* Test only: the directory of the group that was chosen. */
const char *mt_cgroup_chosen(void);

#endif
