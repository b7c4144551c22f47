/* SPDX-License-Identifier: Apache-2.0
 *
 * See seccomp.h. The language is the kernel's classic BPF, as far as seccomp
 * takes it: 32-bit words, forward jumps only.
 */
#include "seccomp.h"

#include "pages.h"
#include "process.h"
#include "trace_file.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/* ------------------------------------------------------------- the filter */

struct machine {
    uint32_t a, x;
    uint32_t memory[BPF_MEMWORDS];
};

static uint32_t calculate(uint32_t a, uint16_t code, uint32_t operand)
{
    switch (BPF_OP(code)) {
    case BPF_ADD:
        return a + operand;
    case BPF_SUB:
        return a - operand;
    case BPF_MUL:
        return a * operand;
    case BPF_DIV:
        return operand ? a / operand : 0;
    case BPF_AND:
        return a & operand;
    case BPF_OR:
        return a | operand;
    case BPF_XOR:
        return a ^ operand;
    case BPF_LSH:
        return operand < 32 ? a << operand : 0;
    case BPF_RSH:
        return operand < 32 ? a >> operand : 0;
    default: /* BPF_NEG */
        return -a;
    }
}

static bool compare(uint32_t a, uint16_t code, uint32_t operand)
{
    switch (BPF_OP(code)) {
    case BPF_JEQ:
        return a == operand;
    case BPF_JGT:
        return a > operand;
    case BPF_JGE:
        return a >= operand;
    default: /* BPF_JSET */
        return a & operand;
    }
}

/* What a load gives; `known` is false for one that seccomp does not have. */
static uint32_t load(const struct machine *machine,
                     const struct sock_filter *step,
                     const struct seccomp_data *call, bool *known)
{
    uint32_t word = 0;
    *known = true;
    switch (BPF_MODE(step->code)) {
    case BPF_IMM:
        return step->k;
    case BPF_LEN:
        return sizeof *call;
    case BPF_MEM:
        *known = step->k < BPF_MEMWORDS;
        return *known ? machine->memory[step->k] : 0;
    case BPF_ABS:
        *known = step->k <= sizeof *call - sizeof word;
        if (*known)
            memcpy(&word, (const char *)call + step->k, sizeof word);
        return word;
    default:
        *known = false;
        return 0;
    }
}

/* Where a jump leads to, counted from the step behind it. */
static uint32_t jump(const struct machine *machine,
                     const struct sock_filter *step)
{
    if (BPF_OP(step->code) == BPF_JA)
        return step->k;
    uint32_t operand = BPF_SRC(step->code) == BPF_X ? machine->x : step->k;
    return compare(machine->a, step->code, operand) ? step->jt : step->jf;
}

uint32_t mt_seccomp_judge(const struct sock_fprog *filter,
                          const struct seccomp_data *call)
{
    struct machine machine = {0};
    bool known = true;
    /* Wide enough that no jump comes back round. */
    for (uint64_t place = 0; known && place < filter->len; place++) {
        const struct sock_filter *step = &filter->filter[place];
        switch (BPF_CLASS(step->code)) {
        case BPF_RET:
            return BPF_RVAL(step->code) == BPF_A ? machine.a : step->k;
        case BPF_LD:
            machine.a = load(&machine, step, call, &known);
            break;
        case BPF_LDX:
            machine.x = load(&machine, step, call, &known);
            break;
        case BPF_ST:
        case BPF_STX:
            known = step->k < BPF_MEMWORDS;
            if (known)
                machine.memory[step->k] =
                    BPF_CLASS(step->code) == BPF_ST ? machine.a : machine.x;
            break;
        case BPF_ALU:
            machine.a =
                calculate(machine.a, step->code,
                          BPF_SRC(step->code) == BPF_X ? machine.x : step->k);
            break;
        case BPF_JMP:
            place += jump(&machine, step);
            break;
        default: /* BPF_MISC */
            if (BPF_MISCOP(step->code) == BPF_TAX)
                machine.x = machine.a;
            else
                machine.a = machine.x;
        }
    }
    return SECCOMP_RET_KILL_PROCESS;
}

/* ------------------------------------------------------ what we call for */

struct need {
    int number;
    uint64_t arguments[6];
};

#define OUR_PAGES (MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE)

/* While a process is recorded; with arguments as they are where filters look
 * at them. Numbers of descriptors are anyone's guess. */
static const struct need recording[] = {
    {SYS_pwritev, {1000, 1, 4}},
    {SYS_fallocate, {1000}},
    {SYS_mmap, {0, 65536, 3, 1, 1000}},
    {SYS_mmap, {0, 65536, 3, OUR_PAGES, UINT64_MAX}},
    {SYS_mmap, {0, 65536, 3, OUR_PAGES | MAP_POPULATE, UINT64_MAX}},
    {SYS_munmap, {4096, 65536}},
    {SYS_madvise, {4096, 65536, MADV_RANDOM}},
    {SYS_madvise, {4096, 65536, MT_PAGES_POPULATE}},
    {SYS_madvise, {4096, 65536, MADV_DONTNEED}},
    {SYS_rt_sigprocmask, {SIG_SETMASK, 1, 1, 8}},
    {SYS_rt_sigprocmask, {UINT64_MAX, 1, 0, 8}}, /* mt_pages_can_read */
    {SYS_newfstatat, {1000, 1, 1, AT_EMPTY_PATH}},
    {SYS_fstat, {1000, 1}},
    {SYS_prlimit64, {0, 1, 0, 1}},
    {SYS_openat, {(uint32_t)AT_FDCWD, 1, O_CLOEXEC}},
    {SYS_openat, {(uint32_t)AT_FDCWD, 1, O_RDWR | O_NOFOLLOW | O_CLOEXEC}},
    {SYS_read, {1000, 1, 4096}},
    {SYS_close, {1000}},
    {SYS_write, {2, 1, 100}},
    {SYS_fcntl, {1000, F_DUPFD_CLOEXEC, 1000}},
    {SYS_getrusage, {0, 1}},
    {SYS_clock_gettime, {CLOCK_THREAD_CPUTIME_ID, 1}},
    {SYS_prctl, {PR_GET_NAME, 1}},
    {SYS_getpid, {0}},
    {SYS_gettid, {0}},
    {SYS_tgkill, {1, 1, 0}},
    {SYS_sched_yield, {0}},
    {SYS_sigaltstack, {0, 1}},
};

/* A forked child's, more than that. */
static const struct need beginning[] = {
    {SYS_openat,
     {(uint32_t)AT_FDCWD, 1, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
      0600}},
    {SYS_pread64, {1000, 1, 256, 0}},
    {SYS_newfstatat, {(uint32_t)AT_FDCWD, 1, 1, AT_SYMLINK_NOFOLLOW}},
    {SYS_renameat2, {(uint32_t)AT_FDCWD, 1, (uint32_t)AT_FDCWD, 1, 1}},
    {SYS_rename, {1, 1}},
    {SYS_unlink, {1}},
    {SYS_readlink, {1, 1, 4096}},
    {SYS_getcwd, {1, 4096}},
    {SYS_getppid, {0}},
    {SYS_kill, {1, 0}},
    {SYS_fstatfs, {1000, 1}},
};

/* One that fails is no harm: recording ends then, and says so. */
static bool is_fatal(uint32_t verdict)
{
    switch (verdict & SECCOMP_RET_ACTION_FULL) {
    case SECCOMP_RET_ALLOW:
    case SECCOMP_RET_LOG:
    case SECCOMP_RET_ERRNO:
        return false;
    default: /* KILL, TRAP; TRACE and USER_NOTIF ask somebody else */
        return true;
    }
}

static bool allows(const struct sock_fprog *filter, const struct need *needs,
                   size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct seccomp_data call = {
            .nr = needs[i].number,
            .arch = AUDIT_ARCH_X86_64,
            .instruction_pointer = (uintptr_t)allows,
        };
        memcpy(call.args, needs[i].arguments, sizeof call.args);
        if (is_fatal(mt_seccomp_judge(filter, &call)))
            return false;
    }
    return true;
}

bool mt_seccomp_allows_recording(const struct sock_fprog *filter)
{
    return allows(filter, recording, sizeof recording / sizeof *recording);
}

bool mt_seccomp_allows_beginning(const struct sock_fprog *filter)
{
    return allows(filter, beginning, sizeof beginning / sizeof *beginning);
}

static bool can_read(const void *start, size_t byte_count)
{
    uintptr_t first = (uintptr_t)start, last = first + byte_count - 8;
    if (!start)
        return false;
    for (uintptr_t at = first; at < last; at += MT_PAGE_BYTE_COUNT)
        if (!mt_pages_can_read(at))
            return false;
    return mt_pages_can_read(last);
}

/* Whether there is a filter to be looked at. A program that asks what the
 * kernel can do hands over a pointer to nothing, or a wild one. */
static bool is_there(const struct sock_fprog *filter)
{
    return can_read(filter, sizeof *filter) && filter->len &&
           filter->len <= BPF_MAXINSNS &&
           can_read(filter->filter, filter->len * sizeof *filter->filter);
}

void mt_seccomp_foresee(unsigned long mode, const struct sock_fprog *filter)
{
    /* A first filter that recording cannot live with may forbid to look at a
     * second. */
    static _Atomic bool is_over;
    if (is_over || (mode == SECCOMP_MODE_FILTER && !is_there(filter)))
        return; /* the kernel refuses such a filter as well */
    bool is_allowed =
        mode != SECCOMP_MODE_STRICT && mt_seccomp_allows_recording(filter);
    if (!is_allowed || !mt_seccomp_allows_beginning(filter))
        mt_process_confine_children();
    is_over = !is_allowed;
    if (!is_allowed)
        mt_trace_file_stop_for(EPERM, "the program forbids itself system calls "
                                      "that recording makes (seccomp)");
}
