/* SPDX-License-Identifier: Apache-2.0
 *
 * A program that forbids itself nearly all system calls, as sandboxes do, on
 * pain of death. Keeps 50 blocks of 30 bytes in before(), confines itself in
 * the way its argument names, keeps 50 of 40 in after(), churns through many
 * more, and says so. `forks` allows what a child needs, too, and has one that
 * allocates. `tame` forbids but mount(2), `one CALL` but the system call of that
 * name, and goes on in several threads, from 1,024 paths.
 */
#define _GNU_SOURCE
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define NEVER __attribute__((noinline))
#define PERMIT(number)                                 \
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, number, 0, 1), \
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)

enum { kept_count = 50, slot_count = 20000, round_count = 5 };

static struct sock_filter few[] = {
    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
    PERMIT(SYS_write),
    PERMIT(SYS_brk),
    PERMIT(SYS_mmap),
    PERMIT(SYS_munmap),
    PERMIT(SYS_futex),
    PERMIT(SYS_exit),
    PERMIT(SYS_exit_group),
    PERMIT(SYS_rt_sigreturn),
    PERMIT(SYS_clone),
    PERMIT(SYS_clone3),
    PERMIT(SYS_wait4),
    PERMIT(SYS_set_robust_list),
    PERMIT(SYS_rt_sigprocmask),
    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
};

static struct sock_filter one[] = {
    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_mount, 0, 1),
    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
};

#define CALL(name)        \
    {                     \
#name, SYS_##name \
    }
static const struct {
    const char *name;
    unsigned number;
} calls[] = {
    CALL(clock_gettime), CALL(close),      CALL(fallocate), CALL(fcntl),
    CALL(fstat),         CALL(ftruncate),  CALL(getcwd),    CALL(getpid),
    CALL(getrandom),     CALL(getrusage),  CALL(gettid),    CALL(lseek),
    CALL(madvise),       CALL(mincore),    CALL(mprotect),  CALL(mremap),
    CALL(munmap),        CALL(newfstatat), CALL(openat),    CALL(prctl),
    CALL(pread64),       CALL(prlimit64),  CALL(pwrite64),  CALL(pwritev),
    CALL(pwritev2),      CALL(read),       CALL(readlink),  CALL(sched_yield),
    CALL(sigaltstack),   CALL(tgkill),     CALL(write),     CALL(writev),
};

static unsigned number_of(const char *name)
{
    for (size_t i = 0; i < sizeof calls / sizeof *calls; i++)
        if (strcmp(calls[i].name, name) == 0)
            return calls[i].number;
    _exit(6);
}

static NEVER void before(void)
{
    for (int i = 0; i < kept_count; i++)
        *(volatile char *)malloc(30) = 1;
}

static NEVER void after(void)
{
    for (int i = 0; i < kept_count; i++)
        *(volatile char *)malloc(40) = 1;
}

static NEVER void churn(void)
{
    static void *volatile blocks[slot_count];
    for (int round = 0; round < round_count; round++) {
        for (int i = 0; i < slot_count; i++)
            blocks[i] = malloc((size_t)(i % 90));
        for (int i = 0; i < slot_count; i++)
            free(blocks[i]);
    }
}

/* Each bit of `path` is a call from one place or the other. */
static NEVER int branch(unsigned path, int depth)
{
    free(malloc(50));
    if (depth == 0)
        return 0;
    int result = path & 1 ? branch(path >> 1, depth - 1) + 1
                          : branch(path >> 1, depth - 1) + 2;
    __asm__ volatile("" : "+r"(result));
    return result;
}

static void *branch_out(void *unused)
{
    for (unsigned path = 0; path < 1024; path++)
        branch(path, 12);
    return unused;
}

static void branch_in_threads(void)
{
    pthread_t threads[2];
    for (int i = 0; i < 2; i++)
        if (pthread_create(&threads[i], NULL, branch_out, NULL))
            _exit(5);
    branch_out(NULL);
    for (int i = 0; i < 2; i++)
        pthread_join(threads[i], NULL);
}

static void confine(const char *how)
{
    struct sock_fprog filter = {sizeof few / sizeof *few, few};
    if (strcmp(how, "tame") == 0 || strcmp(how, "one") == 0)
        filter = (struct sock_fprog){sizeof one / sizeof *one, one};
    long failure = prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    if (strcmp(how, "strict") == 0)
        failure |= prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT);
    else if (strcmp(how, "syscall") == 0)
        failure |= syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &filter);
    else if (strcmp(how, "syscall-prctl") == 0)
        failure |=
            syscall(SYS_prctl, PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter);
    else
        failure |= prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter);
    if (failure)
        _exit(3);
}

int main(int argc, char **argv)
{
    const char *how = argc > 1 ? argv[1] : "prctl";
    if (strcmp(how, "one") == 0 && argc > 2)
        one[1].k = number_of(argv[2]);
    before();
    churn(); /* strict mode leaves no way to more memory */
    confine(how);
    after();
    churn();
    if (strcmp(how, "one") == 0)
        branch_in_threads();
    if (strcmp(how, "forks") == 0) {
        pid_t child = fork();
        if (child == 0) {
            after();
            _exit(0);
        }
        int status = -1;
        if (waitpid(child, &status, 0) != child || status != 0)
            return 4;
    }
    if (write(1, "through\n", 8) != 8)
        return 1;
    syscall(SYS_exit, 0); /* exit_group is not strict mode's */
}
