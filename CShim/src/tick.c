/* SPDX-License-Identifier: Apache-2.0
 *
 * See tick.h.
 */
#include "tick.h"

#include "pages.h"

#include <errno.h>
#include <stddef.h>
#include <sys/auxv.h>
#include <time.h>

#define PAGE_BYTE_COUNT 4096u
/* Before the vDSO; Linux has four to seven of them, not all there. */
#define PAGE_LIMIT 8u

/* Where the page holds the seconds and the nanoseconds of `now`, one behind
 * the other. */
static const volatile uint64_t *find_in(const volatile uint64_t *page,
                                        const struct timespec *now)
{
    for (unsigned i = 0; i + 1 < PAGE_BYTE_COUNT / sizeof *page; i++)
        if (page[i] == (uint64_t)now->tv_sec &&
            page[i + 1] == (uint64_t)now->tv_nsec)
            return &page[i + 1];
    return NULL;
}

const volatile uint64_t *mt_tick_find(void)
{
    uintptr_t vdso = getauxval(AT_SYSINFO_EHDR);
    const volatile uint64_t *word = NULL;
    int saved_errno = errno;
    for (unsigned i = 1; vdso && !word && i <= PAGE_LIMIT; i++) {
        uintptr_t page = vdso - i * PAGE_BYTE_COUNT;
        struct timespec now;
        if (!mt_pages_can_read(page) ||
            clock_gettime(CLOCK_MONOTONIC_COARSE, &now) || !now.tv_nsec)
            continue;
        word = find_in((const volatile uint64_t *)page, &now);
    }
    errno = saved_errno;
    return word;
}
