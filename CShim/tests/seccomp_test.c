/* SPDX-License-Identifier: Apache-2.0
 *
 * What a seccomp filter says is what the kernel says of it: filters made up
 * from a seed are asked both ways. And which ones a recording can live with.
 */
#include "check.h"
#include "seccomp.h"

#include <errno.h>
#include <linux/audit.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#define LOAD(field) \
    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, field))
#define SKIP_UNLESS(number) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, number, 0, 1)
#define RETURN(verdict) BPF_STMT(BPF_RET | BPF_K, verdict)

enum { step_limit = 24, filter_count = 300 };

static uint32_t seed = 20261125;

static uint32_t any(uint32_t limit)
{
    seed = seed * 1664525 + 1013904223;
    return (seed >> 8) % limit;
}

/* A step that the kernel takes: `left` steps follow it. */
static struct sock_filter any_step(uint32_t left)
{
    static const uint16_t operations[] = {BPF_ADD, BPF_SUB, BPF_MUL,
                                          BPF_AND, BPF_OR,  BPF_XOR,
                                          BPF_LSH, BPF_RSH, BPF_NEG};
    static const uint16_t jumps[] = {BPF_JEQ, BPF_JGT, BPF_JGE, BPF_JSET};
    uint16_t source = any(2) ? BPF_X : BPF_K;
    uint16_t operation = operations[any(9)];
    uint8_t one = (uint8_t)any(left < 4 ? left : 4);
    uint8_t other = (uint8_t)any(left < 4 ? left : 4);
    uint32_t word = any(14); /* any but the two of the instruction pointer */
    switch (any(8)) {
    case 0:
        return (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
                                            4 * (word < 2 ? word : word + 2));
    case 1:
        return (struct sock_filter)BPF_STMT(BPF_LD | BPF_IMM, any(1u << 24));
    case 2:
        return (struct sock_filter)BPF_STMT(BPF_LDX | BPF_W | BPF_IMM, any(40));
    case 3:
        return (struct sock_filter)BPF_STMT(
            (uint16_t)(BPF_MISC | (any(2) ? BPF_TAX : BPF_TXA)), 0);
    case 4:
        return (struct sock_filter)BPF_STMT(
            (uint16_t)(any(2) ? BPF_ST : BPF_STX), any(BPF_MEMWORDS));
    case 5:
        if (operation == BPF_LSH || operation == BPF_RSH ||
            operation == BPF_NEG)
            source = BPF_K; /* by a register it is the machine's own affair */
        return (struct sock_filter)BPF_STMT(
            (uint16_t)(BPF_ALU | operation | source), any(32));
    case 6:
        return (struct sock_filter)BPF_STMT(BPF_JMP | BPF_JA, one);
    default:
        return (struct sock_filter)BPF_JUMP(
            (uint16_t)(BPF_JMP | jumps[any(4)] | source), any(1u << 16), one,
            other);
    }
}

/* Makes a filter that answers one system call with an error number computed
 * at random, and lets everything else pass. */
static uint16_t make_filter(struct sock_filter *steps, uint32_t number)
{
    uint16_t count = 0;
    uint32_t body = 1 + any(step_limit - 12);
    steps[count++] = (struct sock_filter)LOAD(nr);
    steps[count++] =
        (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, number, 1, 0);
    steps[count++] = (struct sock_filter)RETURN(SECCOMP_RET_ALLOW);
    for (uint32_t i = 0; i < BPF_MEMWORDS; i += 8) /* read before written */
        steps[count++] = (struct sock_filter)BPF_STMT(BPF_ST, i);
    for (uint32_t left = body; left > 0; left--)
        steps[count++] = any_step(left);
    steps[count++] =
        (struct sock_filter)BPF_STMT(BPF_ALU | BPF_AND | BPF_K, 0x7ff);
    steps[count++] = (struct sock_filter)BPF_STMT(BPF_ALU | BPF_OR | BPF_K,
                                                  SECCOMP_RET_ERRNO);
    steps[count++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_A, 0);
    return count;
}

/* In a child: the error number that the call fails with. */
static int ask_kernel(const struct sock_fprog *filter, uint32_t number,
                      const uint64_t *arguments)
{
    int answer[2], said = 0;
    if (pipe(answer) != 0)
        return -1;
    pid_t child = fork();
    if (child == 0) {
        errno = 0;
        if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
            prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, filter) != 0)
            said = -2;
        else if (syscall(number, arguments[0], arguments[1], arguments[2],
                         arguments[3], arguments[4], arguments[5]) == -1)
            said = errno;
        _exit(write(answer[1], &said, sizeof said) != sizeof said);
    }
    close(answer[1]);
    if (read(answer[0], &said, sizeof said) != sizeof said)
        said = -3;
    close(answer[0]);
    waitpid(child, NULL, 0);
    return said;
}

static void the_kernels_own_verdict(void)
{
    const uint32_t number = SYS_mincore;
    int asked = 0;
    for (int i = 0; i < filter_count; i++) {
        struct sock_filter steps[step_limit];
        struct sock_fprog filter = {make_filter(steps, number), steps};
        struct seccomp_data call = {.nr = (int)number,
                                    .arch = AUDIT_ARCH_X86_64};
        for (int k = 0; k < 6; k++)
            call.args[k] = (uint64_t)any(1u << 24) << any(40);
        int said = ask_kernel(&filter, number, (const uint64_t *)call.args);
        if (said == -2)
            continue; /* it reads a word of memory that was never written */
        uint32_t verdict = mt_seccomp_judge(&filter, &call);
        CHECK((verdict & SECCOMP_RET_ACTION_FULL) == SECCOMP_RET_ERRNO);
        CHECK(said == (int)(verdict & SECCOMP_RET_DATA));
        asked++;
    }
    CHECK(asked > filter_count / 2);
}

#define FILTER(...)                                                       \
    ((struct sock_fprog){sizeof((struct sock_filter[]){__VA_ARGS__}) / 8, \
                         (struct sock_filter[]){__VA_ARGS__}})

static void what_recording_can_live_with(void)
{
    struct sock_fprog all = FILTER(RETURN(SECCOMP_RET_ALLOW));
    CHECK(mt_seccomp_allows_recording(&all));
    CHECK(mt_seccomp_allows_beginning(&all));

    /* Containers: what they forbid fails. */
    struct sock_fprog errors = FILTER(RETURN(SECCOMP_RET_ERRNO | EPERM));
    CHECK(mt_seccomp_allows_recording(&errors));

    struct sock_fprog none = FILTER(RETURN(SECCOMP_RET_KILL_PROCESS));
    CHECK(!mt_seccomp_allows_recording(&none));
    CHECK(!mt_seccomp_allows_beginning(&none));

    struct sock_fprog no_trap =
        FILTER(LOAD(nr), SKIP_UNLESS(SYS_pwritev), RETURN(SECCOMP_RET_TRAP),
               RETURN(SECCOMP_RET_ALLOW));
    CHECK(!mt_seccomp_allows_recording(&no_trap));
    CHECK(mt_seccomp_allows_beginning(&no_trap));

    struct sock_fprog no_new_names =
        FILTER(LOAD(nr), SKIP_UNLESS(SYS_rename),
               RETURN(SECCOMP_RET_KILL_THREAD), RETURN(SECCOMP_RET_ALLOW));
    CHECK(mt_seccomp_allows_recording(&no_new_names));
    CHECK(!mt_seccomp_allows_beginning(&no_new_names));

    struct sock_fprog nothing_of_ours =
        FILTER(LOAD(nr), SKIP_UNLESS(SYS_ptrace),
               RETURN(SECCOMP_RET_KILL_PROCESS), SKIP_UNLESS(SYS_mount),
               RETURN(SECCOMP_RET_TRAP), RETURN(SECCOMP_RET_ALLOW));
    CHECK(mt_seccomp_allows_recording(&nothing_of_ours));
    CHECK(mt_seccomp_allows_beginning(&nothing_of_ours));
}

/* What the kernel refuses is nothing to rely on; and it comes to an end. */
static void filters_that_are_none(void)
{
    struct seccomp_data call = {.nr = SYS_read};
    struct sock_fprog empty = {0, NULL};
    CHECK(mt_seccomp_judge(&empty, &call) == SECCOMP_RET_KILL_PROCESS);
    struct sock_fprog beyond =
        FILTER(BPF_STMT(BPF_LD | BPF_W | BPF_ABS, sizeof call),
               RETURN(SECCOMP_RET_ALLOW));
    CHECK(mt_seccomp_judge(&beyond, &call) == SECCOMP_RET_KILL_PROCESS);
    struct sock_fprog memory =
        FILTER(BPF_STMT(BPF_ST, BPF_MEMWORDS), RETURN(SECCOMP_RET_ALLOW));
    CHECK(mt_seccomp_judge(&memory, &call) == SECCOMP_RET_KILL_PROCESS);
    struct sock_fprog far = FILTER(BPF_STMT(BPF_JMP | BPF_JA, 0xffffffff),
                                   RETURN(SECCOMP_RET_ALLOW));
    (void)mt_seccomp_judge(&far, &call);
}

/* The kernel says EFAULT or EINVAL to them, and so may we not fall over them. */
static void pointers_to_nothing(void)
{
    struct sock_filter few[2] = {RETURN(SECCOMP_RET_ALLOW),
                                 RETURN(SECCOMP_RET_ALLOW)};
    char *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    mprotect(page, 4096, PROT_NONE);
    const struct sock_fprog *const programs[] = {
        NULL,
        (const struct sock_fprog *)8,
        (const struct sock_fprog *)page,
        &(struct sock_fprog){.len = 1, .filter = NULL},
        &(struct sock_fprog){.len = 2, .filter = NULL},
        &(struct sock_fprog){.len = 2, .filter = (struct sock_filter *)8},
        &(struct sock_fprog){.len = 2, .filter = (void *)page},
        &(struct sock_fprog){.len = 0, .filter = few},
        &(struct sock_fprog){.len = BPF_MAXINSNS + 1, .filter = few},
    };
    for (size_t i = 0; i < sizeof programs / sizeof *programs; i++) {
        mt_seccomp_foresee(SECCOMP_MODE_FILTER, programs[i]);
        errno = 0;
        CHECK(syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, programs[i]) ==
                  -1 &&
              errno);
    }
    munmap(page, 4096);
}

/* What syscall() is before libc's is known. */
long mt_syscall_kernel(long, ...);

static void the_kernel_without_libc(void)
{
    errno = 0;
    CHECK(mt_syscall_kernel(SYS_close, -1) == -1 && errno == EBADF);
    CHECK(mt_syscall_kernel(SYS_getpid) == getpid());
    /* Six arguments, the last of which counts: an offset that is no page. */
    CHECK(mt_syscall_kernel(SYS_mmap, 0L, 4096L, 1L, 0x22L, -1L, 1L) == -1 &&
          errno == EINVAL);
    CHECK(mt_syscall_kernel(SYS_mmap, 0L, 4096L, 1L, 0x22L, -1L, 0L) > 0);
}

int main(void)
{
    the_kernel_without_libc();
    the_kernels_own_verdict();
    what_recording_can_live_with();
    filters_that_are_none();
    pointers_to_nothing();
    return check_summary();
}
