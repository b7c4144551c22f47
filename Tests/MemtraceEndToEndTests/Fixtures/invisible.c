/* SPDX-License-Identifier: Apache-2.0
 *
 * Prints everything about its own process that a preloaded library could
 * change by mistake: results, errno, alignment, usable sizes, descriptors,
 * signals, threads, environment. Its output must not depend on the shim.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>

extern char **environ;

/* Calls, then tells the result's nature and errno, which was 77 before. */
#define TELL(call)                                    \
    do {                                              \
        errno = 77;                                   \
        void *result_ = (void *)(call);               \
        int errno_ = errno;                           \
        dprintf(1, "%s: %s, errno %d\n", #call,       \
                result_ == NULL         ? "null"      \
                : result_ == MAP_FAILED ? "failed"    \
                                        : "not null", \
                errno_);                              \
    } while (0)

static volatile size_t huge = SIZE_MAX / 2, zero = 0, page = 4096;
static volatile intptr_t bad = 24;

static void allocation_results(void)
{
    void *volatile block = malloc(100), *volatile none = NULL;
    void *target = block;
    TELL(malloc(100));
    TELL(malloc(zero));
    TELL(malloc(huge));
    TELL(calloc(huge, 3));
    TELL(calloc(10, 10));
    TELL(realloc(block, huge));
    TELL(realloc(none, 10));
    TELL(reallocarray(block, huge, 16));
    TELL((intptr_t)posix_memalign(&target, (size_t)bad, 10));
    TELL((intptr_t)posix_memalign(&target, 64, huge));
    TELL((intptr_t)posix_memalign(&target, 64, 100));
    TELL(aligned_alloc(64, 128));
    TELL(aligned_alloc(64, huge));
    TELL(memalign((size_t)bad, 10));
    TELL(valloc(10));
    TELL(pvalloc(10));
    TELL(pvalloc(SIZE_MAX - 10));
    TELL((free(block), block));
    TELL((free(none), none));
    TELL(strdup("text"));
    TELL(realpath("/usr/../usr", NULL));
}

static void mapping_results(void)
{
    char *volatile area = mmap(NULL, 4 * page, PROT_READ | PROT_WRITE,
                               MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    TELL(mmap(NULL, zero, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
    TELL(mmap(NULL, page, PROT_READ, MAP_PRIVATE, 99, 0));
    TELL((intptr_t)munmap(area + 1, page));
    TELL((intptr_t)munmap(area, zero));
    TELL(mremap(area + 1, page, 2 * page, MREMAP_MAYMOVE));
    TELL(mremap(area, page, huge, MREMAP_MAYMOVE));
    TELL(mremap(area, 4 * page, 8 * page, MREMAP_MAYMOVE));
}

static void library_results(void)
{
    TELL(dlopen("/nonexistent/library.so", RTLD_NOW));
    dprintf(1, "dlerror: %s\n", dlerror());
    TELL(dlopen("libm.so.6", RTLD_NOW));
    TELL(dlopen(NULL, RTLD_NOW));
    TELL(fopen("/nonexistent/file", "r"));
    TELL(fopen("/dev/null", "r"));
    TELL(opendir("/proc/self/fd"));
    TELL((intptr_t)close(99));
    TELL((intptr_t)close(1000));
    TELL((intptr_t)dup2(1, 90));
    TELL((intptr_t)dup2(99, 91));
    TELL((intptr_t)dup3(1, 1, 0));
    TELL((intptr_t)fcntl(2000, F_GETFD));
}

static void usable_sizes(void)
{
    for (size_t size = 0; size < 5000; size = size * 2 + 9) {
        char *block = malloc(size);
        size_t usable = malloc_usable_size(block);
        memset(block, 1, usable); /* all of it is the program's */
        dprintf(1, "malloc(%zu): room %d, aligned %d\n", size, usable >= size,
                (uintptr_t)block % 16 == 0);
    }
    for (size_t alignment = 16; alignment <= 1 << 20; alignment *= 4) {
        char *block = memalign(alignment, 100);
        dprintf(1, "memalign(%zu): aligned %d, room %d\n", alignment,
                (uintptr_t)block % alignment == 0,
                malloc_usable_size(block) >= 100);
    }
}

static void process_state(void)
{
    for (int fd = 0; fd < 100; fd++)
        if (fcntl(fd, F_GETFD) >= 0)
            dprintf(1, "descriptor %d is open, flags %x\n", fd,
                    (unsigned)fcntl(fd, F_GETFD));
    for (int number = 1; number < 65; number++) {
        struct sigaction action;
        if (sigaction(number, NULL, &action) == 0 &&
            (action.sa_handler != SIG_DFL || action.sa_flags != 0))
            dprintf(1, "signal %d has a handler\n", number);
    }
    sigset_t mask;
    sigprocmask(SIG_BLOCK, NULL, &mask);
    for (int number = 1; number < 65; number++)
        if (sigismember(&mask, number) == 1)
            dprintf(1, "signal %d is blocked\n", number);
    for (int which = ITIMER_REAL; which <= ITIMER_PROF; which++) {
        struct itimerval timer;
        getitimer(which, &timer);
        dprintf(1, "timer %d: %d\n", which, timer.it_value.tv_sec != 0);
    }
    struct rlimit limit;
    getrlimit(RLIMIT_NOFILE, &limit);
    mode_t mask_of_modes = umask(0);
    dprintf(1, "files %ju, umask %o\n", (uintmax_t)limit.rlim_cur,
            mask_of_modes);
    DIR *tasks = opendir("/proc/self/task");
    int threads = -2; /* . and .. */
    while (readdir(tasks))
        threads++;
    closedir(tasks);
    dprintf(1, "%d threads\n", threads);
}

int main(int argc, char **argv)
{
    allocation_results();
    mapping_results();
    library_results();
    usable_sizes();
    process_state();
    for (int i = 0; i < argc; i++)
        dprintf(1, "argument %s\n", argv[i]);
    for (char **entry = environ; *entry; entry++)
        if (strncmp(*entry, "LD_PRELOAD=", 11) != 0 &&
            strncmp(*entry, "MEMTRACE_", 9) != 0)
            dprintf(1, "environment %s\n", *entry);
    return 42;
}
