/* SPDX-License-Identifier: Apache-2.0
 *
 * Closes or replaces every descriptor that is not its own, in the way its
 * argument names, then opens files of its own and writes them while it
 * allocates enough to fill many windows of a trace. The files must hold what
 * it wrote and nothing else. Leaks 100 blocks of 50 bytes in leak_before(),
 * 200 of 60 in leak_after(). Usage: descriptors HOW DIRECTORY
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define NEVER __attribute__((noinline))
enum { file_count = 40, last_descriptor = 1023 };

static NEVER void leak_before(void)
{
    for (int i = 0; i < 100; i++)
        *(volatile char *)malloc(50) = 1;
}

static NEVER void leak_after(void)
{
    for (int i = 0; i < 200; i++)
        *(volatile char *)malloc(60) = 1;
}

/* Blocks that outlive a window, so that they are written out one by one. */
static NEVER void churn(int rounds)
{
    static void *volatile blocks[30000];
    for (int round = 0; round < rounds; round++) {
        for (int i = 0; i < 30000; i++)
            blocks[i] = malloc(24);
        for (int i = 0; i < 30000; i++)
            free(blocks[i]);
    }
}

/* Says so when a call did not do what it does for a number never opened. */
static void expect(int fd, int result, int expected)
{
    if (result != expected || (result == -1 && errno != EBADF))
        dprintf(1, "descriptor %d: %d, errno %d\n", fd, result, errno);
}

static int close_all(const char *how)
{
    if (strcmp(how, "close") == 0)
        for (int fd = 3; fd <= last_descriptor; fd++)
            expect(fd, close(fd), -1);
    else if (strcmp(how, "close_range") == 0)
        dprintf(1, "close_range: %d\n", close_range(3, ~0u, 0));
    else if (strcmp(how, "closefrom") == 0)
        closefrom(3);
    else if (strcmp(how, "dup2") == 0)
        for (int fd = 3; fd <= last_descriptor; fd++)
            expect(fd, dup2(1, fd), fd);
    else if (strcmp(how, "dup3") == 0)
        for (int fd = 3; fd <= last_descriptor; fd++)
            expect(fd, dup3(1, fd, O_CLOEXEC), fd);
    else if (strcmp(how, "raw-close") == 0)
        for (int fd = 3; fd <= last_descriptor; fd++)
            syscall(SYS_close, fd);
    else if (strcmp(how, "raw-close-range") == 0)
        syscall(SYS_close_range, 3, ~0u, 0);
    else
        return 64;
    return 0;
}

/* With nothing of the shim's left open, a file of ours at every number. */
static void take_every_descriptor(const char *directory)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/everywhere", directory);
    int file = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);
    for (int fd = 3; fd <= last_descriptor; fd++)
        if (fd != file)
            syscall(SYS_dup2, file, fd);
    churn(20);
    dprintf(file, "nothing but this\n");
    for (int fd = 3; fd <= last_descriptor; fd++)
        syscall(SYS_close, fd);
}

int main(int argc, char **argv)
{
    if (argc != 3)
        return 64;
    char path[4096];
    int files[file_count];
    leak_before();
    churn(2);
    int status = close_all(argv[1]);
    if (status != 0)
        return status;
    if (strncmp(argv[1], "raw", 3) == 0)
        take_every_descriptor(argv[2]);
    if (strncmp(argv[1], "dup", 3) == 0) /* make room again */
        for (int fd = 3; fd <= last_descriptor; fd++)
            close(fd);
    for (int i = 0; i < file_count; i++) {
        snprintf(path, sizeof path, "%s/file-%d", argv[2], i);
        files[i] = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);
        dprintf(1, "file %d has descriptor %d\n", i, files[i]);
        dprintf(files[i], "file %d begins\n", i);
    }
    churn(10);
    leak_after();
    for (int i = 0; i < file_count; i++)
        dprintf(files[i], "file %d ends\n", i);
    return 0;
}
