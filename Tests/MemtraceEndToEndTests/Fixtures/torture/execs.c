/* SPDX-License-Identifier: Apache-2.0
 *
 * Loses 7 blocks of 100 bytes in lose(), and becomes env(1) by the function
 * that its argument names, with a variable HOW in an otherwise empty
 * environment where the function takes one. `fails`: every one of them is
 * asked for a program that is not there, and must say so; then it kills
 * itself. `vfork`: a child of vfork becomes env, one fails to; then it kills
 * itself.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define NEVER __attribute__((noinline))

static char *variables[] = {"HOW=ever", NULL};

static NEVER void lose(void)
{
    for (int i = 0; i < 7; i++)
        *(volatile char *)malloc(100) = 1;
}

static int become(const char *how, const char *path, const char *name)
{
    char *arguments[] = {"env", "A=1", "B=2", NULL};
    if (strcmp(how, "execl") == 0)
        return execl(path, "env", "-i", "A=1", "B=2", (char *)NULL);
    if (strcmp(how, "execlp") == 0)
        return execlp(name, "env", "-i", "A=1", "B=2", (char *)NULL);
    if (strcmp(how, "execle") == 0)
        return execle(path, "env", "A=1", "B=2", (char *)NULL, variables);
    if (strcmp(how, "execv") == 0)
        return execv(path, arguments);
    if (strcmp(how, "execvp") == 0)
        return execvp(name, arguments);
    if (strcmp(how, "execvpe") == 0)
        return execvpe(name, arguments, variables);
    if (strcmp(how, "execve") == 0)
        return execve(path, arguments, variables);
    if (strcmp(how, "execveat") == 0)
        return execveat(AT_FDCWD, path, arguments, variables, 0);
    if (strcmp(how, "fexecve") == 0) {
        int file = open(path, O_RDONLY | O_CLOEXEC);
        return fexecve(file < 0 ? 0 : file, arguments, variables);
    }
    return 0;
}

static void fail_in_every_way(void)
{
    static const char *const ways[] = {"execl",  "execlp",  "execle",
                                       "execv",  "execvp",  "execvpe",
                                       "execve", "execveat"};
    int failures = 0;
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
        errno = 0;
        failures +=
            become(ways[i], "/no/such/program", "no-such-program") == -1 &&
            errno == ENOENT;
    }
    dprintf(1, "failures %d\n", failures);
}

static NEVER void leave_it_to_a_child(const char *path)
{
    if (vfork() == 0) {
        become("execve", path, "");
        _exit(3);
    }
    wait(NULL);
}

int main(int argc, char **argv)
{
    const char *how = argc > 1 ? argv[1] : "execve";
    lose();
    if (strcmp(how, "fails") == 0)
        fail_in_every_way();
    else if (strcmp(how, "vfork") == 0) {
        leave_it_to_a_child("/usr/bin/env");
        leave_it_to_a_child("/no/such/program");
    } else
        return become(how, "/usr/bin/env", "env") ? 70 : 64;
    return kill(getpid(), SIGKILL);
}
