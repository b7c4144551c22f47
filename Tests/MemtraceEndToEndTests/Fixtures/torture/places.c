/* SPDX-License-Identifier: Apache-2.0
 *
 * A daemon's way to little: loses 4 blocks of 100 bytes in at_home(), then
 * does what its argument names, and loses 4 more in away(). `chroot DIR`:
 * chroot, chdir, closes every descriptor but 0 to 2, becomes nobody, and
 * forks; `empty`: becomes itself again with an empty environment; `again N`:
 * becomes itself N times with the environment it has.
 */
#define _GNU_SOURCE
#include <grp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define NEVER __attribute__((noinline))
enum { nobody = 65534 };

static NEVER void at_home(void)
{
    for (int i = 0; i < 4; i++)
        *(volatile char *)malloc(100) = 1;
}

static NEVER void away(void)
{
    for (int i = 0; i < 4; i++)
        *(volatile char *)malloc(100) = 1;
}

static NEVER void churn(void)
{
    static void *volatile blocks[50000];
    for (int i = 0; i < 50000; i++)
        blocks[i] = malloc((size_t)(i % 90));
    for (int i = 0; i < 50000; i++)
        free(blocks[i]);
}

static int go_away(const char *root)
{
    if (chroot(root) != 0 || chdir("/") != 0 || setgroups(0, NULL) != 0 ||
        setgid(nobody) != 0 || setuid(nobody) != 0)
        return 1;
    for (int descriptor = 3; descriptor < 4096; descriptor++)
        close(descriptor);
    away();
    churn();
    pid_t child = fork();
    if (child == 0) {
        churn();
        _exit(7);
    }
    int status;
    waitpid(child, &status, 0);
    dprintf(1, "child %d\n", WEXITSTATUS(status));
    return 0;
}

int main(int argc, char **argv)
{
    at_home();
    if (argc > 2 && strcmp(argv[1], "chroot") == 0)
        return go_away(argv[2]);
    if (argc > 1 && strcmp(argv[1], "empty") == 0) {
        char *none[] = {NULL}, *arguments[] = {"places", NULL};
        execve("/proc/self/exe", arguments, none);
        return 1;
    }
    if (argc > 2 && strcmp(argv[1], "again") == 0 && atoi(argv[2]) > 0) {
        char digits[16];
        snprintf(digits, sizeof digits, "%d", atoi(argv[2]) - 1);
        execl("/proc/self/exe", "places", "again", digits, (char *)NULL);
        return 1;
    }
    away();
    dprintf(1, "environment %d\n", environ[0] != NULL);
    return 0;
}
