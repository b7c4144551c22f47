/* SPDX-License-Identifier: Apache-2.0
 *
 * A program that runs on whatever becomes of the trace: it allocates, keeps
 * 700 blocks of 30 bytes in keep_some(), and says at its end that it got
 * there. With an argument it makes a hard place for itself half way.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#define NEVER __attribute__((noinline))

static NEVER void keep_some(void)
{
    for (int i = 0; i < 700; i++)
        *(volatile char *)malloc(30) = 1;
}

/* Events that cannot be folded: they outlive their windows. */
static NEVER void churn(int rounds)
{
    static void *volatile blocks[100000];
    for (int round = 0; round < rounds; round++) {
        for (int i = 0; i < 100000; i++)
            blocks[i] = malloc((size_t)(i % 100));
        for (int i = 0; i < 100000; i++)
            free(blocks[i]);
    }
}

static void limit_to(int resource, rlim_t value)
{
    struct rlimit limit = {value, value};
    if (setrlimit(resource, &limit) != 0)
        dprintf(1, "setrlimit: %s\n", strerror(errno));
}

static int make_hard(const char *how, const char *trace)
{
    if (strcmp(how, "no-more-file") == 0)
        limit_to(RLIMIT_FSIZE, 4096);
    else if (strcmp(how, "no-more-descriptors") == 0)
        limit_to(RLIMIT_NOFILE, 3);
    else if (strcmp(how, "no-more-memory") == 0)
        limit_to(RLIMIT_AS, (rlim_t)256 << 20);
    else if (strcmp(how, "elsewhere") == 0)
        return chdir("/");
    else if (strcmp(how, "trace-removed") == 0)
        return unlink(trace);
    return 0;
}

int main(int argc, char **argv)
{
    dprintf(1, "begun\n");
    keep_some();
    churn(3);
    if (argc > 2 && make_hard(argv[1], argv[2]) != 0)
        dprintf(1, "%s: %s\n", argv[1], strerror(errno));
    churn(3);
    dprintf(1, "at the end\n");
    return 11;
}
