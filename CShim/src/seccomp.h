/* SPDX-License-Identifier: Apache-2.0
 *
 * A program that forbids itself system calls (seccomp) must not be killed for
 * those that recording makes. What its filter says to them is computed before
 * the kernel is given it; where one would be fatal, the recording ends.
 */
#ifndef MT_SECCOMP_H
#define MT_SECCOMP_H

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdbool.h>
#include <stdint.h>

/* What the filter does with a system call: SECCOMP_RET_... with its data. A
 * filter that the kernel would refuse is taken to kill. */
uint32_t mt_seccomp_judge(const struct sock_fprog *filter,
                          const struct seccomp_data *call);

/* Whether a process under this filter can be recorded, and whether one that is
 * made by fork can begin a trace of its own. */
bool mt_seccomp_allows_recording(const struct sock_fprog *filter);
bool mt_seccomp_allows_beginning(const struct sock_fprog *filter);

/* The process is about to restrict itself: `mode` as of prctl(PR_SET_SECCOMP),
 * with a filter for SECCOMP_MODE_FILTER. Ends the recording if it must. */
void mt_seccomp_foresee(unsigned long mode, const struct sock_fprog *filter);

#endif
