/* SPDX-License-Identifier: Apache-2.0
 *
 * See pages.h. The kernel is called directly: mmap and munmap are interposed,
 * by us and perhaps by others, and our own pages are no event of the program.
 */
#include "pages.h"

#include <errno.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

/* ThreadSanitizer sees no system call, and would take what is mapped next at
 * the same address for the memory that was there: each first write would be a
 * race with the last one before. So the units' build goes by way of its own
 * munmap, which makes it forget the range. */
#ifdef __SANITIZE_THREAD__
extern int __interceptor_munmap(void *pages, size_t byte_count);
#define UNMAP(pages, byte_count) __interceptor_munmap(pages, byte_count)
#else
#define UNMAP(pages, byte_count) syscall(SYS_munmap, pages, byte_count)
#endif

static void *map(size_t byte_count, int flags, int descriptor, uint64_t offset)
{
    int saved_errno = errno;
    long address = syscall(SYS_mmap, NULL, byte_count, PROT_READ | PROT_WRITE,
                           flags, descriptor, offset);
    if (address == -1) {
        errno = saved_errno;
        return NULL;
    }
    return (void *)address;
}

void *mt_pages_map(size_t byte_count)
{
    return map(byte_count, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
}

void *mt_pages_map_populated(size_t byte_count)
{
    return map(byte_count,
               MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_POPULATE, -1,
               0);
}

void mt_pages_populate(void *pages, size_t byte_count)
{
    int saved_errno = errno;
    madvise(pages, byte_count, MT_PAGES_POPULATE);
    errno = saved_errno;
}

void mt_pages_clear(void *pages, size_t byte_count)
{
    int saved_errno = errno;
    madvise(pages, byte_count, MADV_DONTNEED);
    errno = saved_errno;
}

void mt_pages_unmap(void *pages, size_t byte_count)
{
    int saved_errno = errno;
    if (pages)
        UNMAP(pages, byte_count);
    errno = saved_errno;
}

void *mt_pages_map_wiped_on_fork(size_t byte_count)
{
    int saved_errno = errno;
    void *pages = mt_pages_map(byte_count);
    if (pages)
        madvise(pages, byte_count, MADV_WIPEONFORK);
    errno = saved_errno;
    return pages;
}

/* The kernel fetches the signal set before it looks at what is to be done with
 * it. */
bool mt_pages_can_read(uintptr_t address)
{
    int saved_errno = errno;
    syscall(SYS_rt_sigprocmask, ~0, address, NULL, sizeof(uint64_t));
    bool can_read = errno != EFAULT;
    errno = saved_errno;
    return can_read;
}

void *mt_pages_map_file(int descriptor, uint64_t offset, size_t byte_count)
{
    void *pages = map(byte_count, MAP_SHARED, descriptor, offset);
    int saved_errno = errno;
    if (pages)
        madvise(pages, byte_count, MADV_RANDOM);
    errno = saved_errno;
    return pages;
}

bool mt_pages_put_zeros(uintptr_t address)
{
    int saved_errno = errno;
    uintptr_t page = address / MT_PAGE_BYTE_COUNT * MT_PAGE_BYTE_COUNT;
    long result = syscall(
        SYS_mmap, page, (size_t)MT_PAGE_BYTE_COUNT, PROT_READ | PROT_WRITE,
        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0);
    errno = saved_errno;
    return result != -1;
}
