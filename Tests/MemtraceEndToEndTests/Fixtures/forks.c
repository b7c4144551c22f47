/* SPDX-License-Identifier: Apache-2.0
 *
 * Makes child processes in the way its argument names. Each child leaks as
 * many blocks of 24 bytes in child_leak() as it is told to, the parent always
 * 5 blocks of 200 bytes in parent_leak(); a block of 3,000 bytes made before
 * is freed by each of them. For each child that the test is to look at a line
 * "child PID BLOCKS" goes to stdout, written by the child itself.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;
static void *inherited;
static char own_path[4096];

#define NEVER __attribute__((noinline))

static NEVER void child_leak(int count)
{
    for (int i = 0; i < count; i++)
        *(volatile char *)malloc(24) = 1;
}

static NEVER void parent_leak(void)
{
    for (int i = 0; i < 5; i++)
        *(volatile char *)malloc(200) = 1;
}

/* What a child does that has the parent's heap. */
static void child(int count)
{
    child_leak(count);
    free(inherited);
    dprintf(1, "child %d %d\n", (int)getpid(), count);
}

static void wait_for_all(void)
{
    int status;
    while (wait(&status) > 0)
        if (status != 0)
            dprintf(1, "a child ended with status %x\n", (unsigned)status);
}

static void many(int count, pid_t (*make)(void))
{
    int gate[2];
    if (pipe(gate) != 0)
        exit(1);
    for (int i = 1; i <= count; i++) {
        if (make() == 0) {
            char none;
            close(gate[1]);
            if (read(gate[0], &none, 1) != 0) /* until all are there */
                _exit(1);
            child(i);
            _exit(0);
        }
    }
    close(gate[0]);
    close(gate[1]);
    wait_for_all();
}

static pid_t raw_clone(void)
{
    return (pid_t)syscall(SYS_clone, (long)SIGCHLD, 0L, 0L, 0L, 0L);
}

static volatile bool enough;

static void *churn(void *unused)
{
    void *volatile blocks[64] = {NULL};
    for (unsigned i = 0; !enough; i++) {
        free(blocks[i % 64]);
        blocks[i % 64] = malloc(i % 500);
    }
    for (int i = 0; i < 64; i++)
        free(blocks[i]);
    return unused;
}

static void threads(void)
{
    pthread_t threads[3];
    for (int i = 0; i < 3; i++)
        pthread_create(&threads[i], NULL, churn, NULL);
    for (int i = 1; i <= 40; i++) {
        if (fork() == 0) {
            child(i);
            _exit(0);
        }
    }
    wait_for_all();
    enough = true;
    for (int i = 0; i < 3; i++)
        pthread_join(threads[i], NULL);
}

static void nested(void)
{
    if (fork() == 0) {
        child(10);
        if (fork() == 0) {
            child_leak(20);
            dprintf(1, "child %d 20\n", (int)getpid());
            _exit(0);
        }
        wait_for_all();
        _exit(0);
    }
    wait_for_all();
}

static void daemon_child(void)
{
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    if (fork() == 0) {
        setsid();
        if (fork() == 0) {
            if (chdir("/") != 0)
                _exit(1);
            child(12);
            _exit(0);
        }
        _exit(0);
    }
    wait_for_all();
}

static void at_fork_allocate(void)
{
    free(malloc(77));
}

/* Ways to another program: this very one, as `forks child COUNT`. */

static void with_vfork(void)
{
    char *arguments[] = {"forks", "child", "21", NULL};
    if (vfork() == 0) { /* what a shell does here, too */
        dup2(1, 50);
        close(50);
        close_range(60, 70, 0);
        execv(own_path, arguments);
        _exit(1);
    }
    wait_for_all();
}

static void with_spawn(void)
{
    char *arguments[] = {"forks", "child", "22", NULL};
    pid_t pid;
    if (posix_spawn(&pid, own_path, NULL, NULL, arguments, environ) != 0)
        exit(1);
    wait_for_all();
}

static void with_system(void)
{
    char line[5000];
    snprintf(line, sizeof line, "'%s' child 23; '%s' child 24", own_path,
             own_path);
    if (system(line) != 0)
        exit(1);
}

static void with_popen(void)
{
    char line[5000], answer[200];
    snprintf(line, sizeof line, "'%s' child 25", own_path);
    FILE *stream = popen(line, "r");
    if (!stream || !fgets(answer, sizeof answer, stream) || pclose(stream) != 0)
        exit(1);
    dprintf(1, "%s", answer);
}

static void with_fork_and_exec(void)
{
    char *arguments[] = {"forks", "child", "26", NULL};
    if (fork() == 0) {
        child_leak(3);
        execv(own_path, arguments);
        _exit(1);
    }
    wait_for_all();
}

int main(int argc, char **argv)
{
    const char *how = argc > 1 ? argv[1] : "one";
    if (strcmp(how, "child") == 0 && argc > 2) {
        child(atoi(argv[2]));
        return 0;
    }
    if (readlink("/proc/self/exe", own_path, sizeof own_path - 1) < 0)
        return 1;
    inherited = malloc(3000);
    if (strcmp(how, "one") == 0)
        many(1, fork);
    else if (strcmp(how, "many") == 0)
        many(64, fork);
    else if (strcmp(how, "raw") == 0)
        many(3, raw_clone);
    else if (strcmp(how, "_Fork") == 0)
        many(3, _Fork);
    else if (strcmp(how, "threads") == 0)
        threads();
    else if (strcmp(how, "nested") == 0)
        nested();
    else if (strcmp(how, "daemon") == 0)
        daemon_child();
    else if (strcmp(how, "vfork") == 0)
        with_vfork();
    else if (strcmp(how, "spawn") == 0)
        with_spawn();
    else if (strcmp(how, "system") == 0)
        with_system();
    else if (strcmp(how, "popen") == 0)
        with_popen();
    else if (strcmp(how, "exec") == 0)
        with_fork_and_exec();
    else if (strcmp(how, "atfork") == 0) {
        pthread_atfork(at_fork_allocate, at_fork_allocate, at_fork_allocate);
        many(3, fork);
    } else
        return 64;
    free(inherited);
    parent_leak();
    return 0;
}
