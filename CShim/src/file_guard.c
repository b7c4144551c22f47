/* SPDX-License-Identifier: Apache-2.0
 *
 * See file_guard.h.
 *
 * The handler changes single pages: those that are gone read as zeros from then
 * on, those that the file still has go on being shared with it. So nothing is
 * to be copied, and any number of threads may be in here. Two that meet at one
 * page may lose what the first has stored there already: to all that reads these
 * pages back it is as if the file had been truncated a little later.
 */
#include "file_guard.h"

#include "attributes.h"
#include "pages.h"
#include "process.h"
#include "real.h"
#include "trace_file.h"

#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

#define PIECE_LIMIT (1u << 18) /* 4 MiB of addresses, touched as they fill */
#define KERNEL_SIGSET_BYTE_COUNT 8u
#define KERNEL_SA_RESTORER 0x04000000

struct piece {
    _Atomic uintptr_t start; /* 0: removed, or not there yet */
    size_t byte_count;
};

/* What the program has set for SIGBUS. Never changed once it is set: who sets
 * another takes the next in turn, so that the handler may read while others
 * set. */
#define ACTION_COUNT 64u

static struct {
    struct piece *pieces; /* NULL: the option is not set */
    _Atomic uint32_t piece_count;
    _Atomic bool is_on;
    _Atomic bool is_hit; /* this file has been truncated */
    _Atomic pid_t pid;   /* whose actions these are */
    _Atomic uint32_t action_count;
    _Atomic(struct sigaction *) action;
    struct sigaction actions[ACTION_COUNT];
} state;

bool mt_file_guard_is_on(void)
{
    return atomic_load_explicit(&state.is_on, memory_order_relaxed);
}

/* ----------------------------------------------------------------- pieces */

static uint32_t piece_count(void)
{
    uint32_t count =
        atomic_load_explicit(&state.piece_count, memory_order_acquire);
    return count < PIECE_LIMIT ? count : PIECE_LIMIT;
}

void mt_file_guard_add(const void *pages, size_t byte_count)
{
    if (!state.pieces)
        return;
    uint32_t index = atomic_fetch_add(&state.piece_count, 1);
    if (index >= PIECE_LIMIT)
        return;
    struct piece *piece = &state.pieces[index];
    piece->byte_count = byte_count;
    /* Release: whoever sees the start sees how long it is. */
    atomic_store_explicit(&piece->start, (uintptr_t)pages,
                          memory_order_release);
}

bool mt_file_guard_remove(const void *pages)
{
    uintptr_t start = (uintptr_t)pages;
    uint32_t count = piece_count(), i = 0;
    while (i < count && atomic_load(&state.pieces[i].start) != start)
        i++;
    if (i < count)
        atomic_store(&state.pieces[i].start, 0);
    /* Partner: mend, which sets it and then looks at the pieces. Sequentially
     * consistent on both sides: one of the two sees the other. */
    return !atomic_load(&state.is_hit);
}

void mt_file_guard_forget(void)
{
    for (uint32_t i = 0, count = piece_count(); i < count; i++)
        atomic_store(&state.pieces[i].start, 0);
    atomic_store(&state.piece_count, 0);
    atomic_store(&state.is_hit, false);
}

static bool is_guarded(uintptr_t address)
{
    for (uint32_t i = 0, count = piece_count(); i < count; i++) {
        const struct piece *piece = &state.pieces[i];
        uintptr_t start =
            atomic_load_explicit(&piece->start, memory_order_acquire);
        if (start && address - start < piece->byte_count)
            return true;
    }
    return false;
}

/* All that is gone, at once: threads that hold SIGBUS back must not meet it. */
static void put_zeros_everywhere(void)
{
    for (uint32_t i = 0, count = piece_count(); i < count; i++) {
        const struct piece *piece = &state.pieces[i];
        uintptr_t start = atomic_load(&piece->start);
        size_t byte_count = start ? piece->byte_count : 0;
        for (size_t at = 0; at < byte_count; at += MT_PAGE_BYTE_COUNT)
            if (!mt_pages_can_read(start + at))
                mt_pages_put_zeros(start + at);
    }
}

/* ---------------------------------------------------------------- handler */

void mt_file_guard_stop_if_hit(void)
{
    if (atomic_load(&state.is_hit))
        mt_trace_file_stop(ENODATA);
}

/* Whether the fault was one of ours, and the store may be done again. The page
 * is replaced even if it can be read by now: it need not be gone to refuse a
 * store. */
static bool mend(uintptr_t address)
{
    if (!is_guarded(address) || !mt_pages_put_zeros(address))
        return false;
    if (!atomic_exchange(&state.is_hit, true)) {
        put_zeros_everywhere();
        mt_trace_file_stop(ENODATA);
    }
    return true;
}

static void set_mask(int how, uint64_t mask)
{
    syscall(SYS_rt_sigprocmask, how, &mask, NULL, KERNEL_SIGSET_BYTE_COUNT);
}

static uint64_t mask_of(const sigset_t *signals)
{
    uint64_t mask;
    memcpy(&mask, signals, sizeof mask); /* the kernel's are the first eight */
    return mask;
}

static const uint64_t sigbus_mask = 1ull << (SIGBUS - 1);

/* The signal comes a second time, with all that came with it, as soon as we
 * return to where it came the first time; and finds no handler. */
static void end_as_natively(siginfo_t *information)
{
    struct sigaction standard = {.sa_handler = SIG_DFL};
    set_mask(SIG_BLOCK, sigbus_mask);
    mt_real.sigaction(SIGBUS, &standard, NULL);
    syscall(SYS_rt_tgsigqueueinfo, getpid(), syscall(SYS_gettid), SIGBUS,
            information);
}

static bool is_fault(const siginfo_t *information)
{
    return information->si_code >= BUS_ADRALN &&
           information->si_code <= BUS_MCEERR_AR;
}

static struct sigaction *set_action(struct sigaction action)
{
    uint32_t index = atomic_fetch_add(&state.action_count, 1) % ACTION_COUNT;
    state.actions[index] = action;
    return atomic_exchange(&state.action, &state.actions[index]);
}

/* As the kernel would call it: with the signals held back that it asks for. */
static void call_handler(struct sigaction action, int number,
                         siginfo_t *information, void *context)
{
    if (action.sa_flags & (int)SA_RESETHAND) {
        struct sigaction standard = action;
        standard.sa_handler = SIG_DFL;
        set_action(standard);
    }
    const ucontext_t *interrupted = context;
    set_mask(SIG_SETMASK, mask_of(&interrupted->uc_sigmask) |
                              mask_of(&action.sa_mask) |
                              (action.sa_flags & SA_NODEFER ? 0 : sigbus_mask));
    if (action.sa_flags & SA_SIGINFO)
        action.sa_sigaction(number, information, context);
    else
        action.sa_handler(number);
}

static void on_signal(int number, siginfo_t *information, void *context)
{
    int saved_errno = errno;
    if (is_fault(information) && mend((uintptr_t)information->si_addr)) {
        errno = saved_errno;
        return;
    }
    struct sigaction action = *atomic_load(&state.action);
    if (action.sa_handler == SIG_IGN && !is_fault(information))
        return;
    if (action.sa_handler == SIG_DFL || action.sa_handler == SIG_IGN)
        end_as_natively(information);
    errno = saved_errno;
    if (action.sa_handler != SIG_DFL && action.sa_handler != SIG_IGN)
        call_handler(action, number, information, context);
}

/* ------------------------------------------------------------ the program */

/* On the stack that the program's handler asks for. SA_NODEFER: what we store
 * in the handler may have been truncated, too. */
static bool install(const struct sigaction *action)
{
    bool is_handled =
        action->sa_handler != SIG_DFL && action->sa_handler != SIG_IGN;
    struct sigaction ours = {
        .sa_sigaction = on_signal,
        .sa_flags = SA_SIGINFO | SA_NODEFER |
                    (is_handled ? action->sa_flags & (SA_ONSTACK | SA_RESTART)
                                : SA_ONSTACK | SA_RESTART),
    };
    sigfillset(&ours.sa_mask);
    sigdelset(&ours.sa_mask, SIGBUS);
    return !mt_real.sigaction(SIGBUS, &ours, NULL);
}

void mt_file_guard_begin(void)
{
    struct sigaction before;
    if (!mt_process.options.guard_file)
        return;
    if (!state.pieces)
        state.pieces = mt_pages_map(PIECE_LIMIT * sizeof(struct piece));
    atomic_store(&state.pid, getpid());
    if (!state.pieces || mt_real.sigaction(SIGBUS, NULL, &before) ||
        before.sa_sigaction == on_signal)
        return;
    set_action(before);
    if (install(&before))
        atomic_store(&state.is_on, true);
}

/* A child of vfork has our memory, but actions of its own. One of fork has its
 * own memory, and has not begun a trace of its own yet. */
static bool is_child_of_vfork(void)
{
    pid_t pid = getpid();
    if (pid == atomic_load(&state.pid))
        return false;
    if (atomic_load(&mt_process.page->phase) != MT_PHASE_UNBORN)
        return true;
    atomic_store(&state.pid, pid);
    return false;
}

/* In a process in which nothing is recorded. */
static int exchange_unguarded(const struct sigaction *action,
                              struct sigaction *before)
{
    int result = mt_real.sigaction(SIGBUS, action, before);
    if (!result && before && before->sa_sigaction == on_signal)
        *before = *atomic_load(&state.action);
    return result;
}

int mt_file_guard_exchange(const struct sigaction *action,
                           struct sigaction *before)
{
    if (is_child_of_vfork())
        return exchange_unguarded(action, before);
    struct sigaction *old = atomic_load(&state.action);
    if (action) {
        struct sigaction set = *action;
        set.sa_flags |= KERNEL_SA_RESTORER; /* libc's, and seen by who asks */
        sigdelset(&set.sa_mask, SIGKILL);
        sigdelset(&set.sa_mask, SIGSTOP);
        old = set_action(set);
        install(&set);
    }
    if (before)
        *before = *old;
    return 0;
}

/* What is ignored stays so in the program that comes, and is the only thing
 * that does. */
static bool is_ignored(void)
{
    return mt_file_guard_is_on() &&
           atomic_load(&state.action)->sa_handler == SIG_IGN;
}

void mt_file_guard_executing(void)
{
    struct sigaction ignoring = {.sa_handler = SIG_IGN};
    if (is_ignored())
        mt_real.sigaction(SIGBUS, &ignoring, NULL);
}

void mt_file_guard_not_executed(void)
{
    if (is_ignored())
        install(atomic_load(&state.action));
}

void mt_file_guard_hold_signals(sigset_t *before)
{
    sigset_t all;
    sigfillset(&all);
    if (MT_LIKELY(!mt_file_guard_is_on())) {
        pthread_sigmask(SIG_SETMASK, &all, before);
        return;
    }
    /* Added to those that the program holds back: SIGBUS may be one of them. */
    sigdelset(&all, SIGBUS);
    pthread_sigmask(SIG_BLOCK, &all, before);
}
