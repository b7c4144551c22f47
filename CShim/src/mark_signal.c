/* SPDX-License-Identifier: Apache-2.0
 *
 * See mark_signal.h.
 */
#include "mark_signal.h"

#include "message.h"
#include "owner.h"
#include "process.h"
#include "real.h"
#include "trace_file.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static struct {
    struct sigaction before;
    _Atomic uint32_t count;
    _Atomic uint32_t pid; /* whose marks are counted */
} state;

/* Decimal, whole string; -1 when it is no number. */
static int number_of(const char *text)
{
    int number = *text ? 0 : -1;
    for (; *text && number >= 0; text++)
        number = *text >= '0' && *text <= '9' && number < 1000
                     ? number * 10 + (*text - '0')
                     : -1;
    return number;
}

int mt_mark_signal_number(const char *name)
{
    if (!strncmp(name, "SIG", 3))
        name += 3;
    int number = number_of(name);
    if (!strncmp(name, "RTMIN", 5))
        number = !name[5] ? SIGRTMIN
                 : name[5] == '+' && number_of(name + 6) >= 0
                     ? SIGRTMIN + number_of(name + 6)
                     : -1;
    for (int i = 1; i < SIGRTMIN && number < 0; i++) {
        const char *abbreviation = sigabbrev_np(i);
        if (abbreviation && !strcmp(abbreviation, name))
            number = i;
    }
    return number >= 1 && number <= SIGRTMAX ? number : 0;
}

/* A program that goes on after one of these executes the instruction again. */
static bool is_fault(int number)
{
    return number == SIGSEGV || number == SIGBUS || number == SIGILL ||
           number == SIGFPE || number == SIGTRAP;
}

/* As in mark.c, but without the guard: it may have interrupted one of our own
 * functions, and the file can be written to all the same. */
static void write_mark(const struct mt_file_header *header)
{
    struct {
        struct mt_mark mark;
        char name[40];
    } record = {
        .mark =
            {
                .time = mt_process_instant(),
                .kind = MT_MARK_NAMED,
                .tid = (uint32_t)syscall(SYS_gettid),
            },
        .name = "signal-",
    };
    char digits[24];
    if (atomic_exchange(&state.pid, header->pid) != header->pid)
        atomic_store(&state.count, 0); /* a child counts its own */
    strcat(record.name,
           mt_message_number(digits, atomic_fetch_add(&state.count, 1) + 1));
    record.mark.name_byte_count = (uint32_t)strlen(record.name);
    struct iovec payload = {&record,
                            sizeof record.mark + record.mark.name_byte_count};
    mt_owner_forget();
    mt_trace_file_write(MT_CHUNK_MARK, &payload, 1);
}

static void on_signal(int number, siginfo_t *information, void *context)
{
    int saved_errno = errno;
    if (mt_process_generation())
        write_mark(mt_trace_file_header());
    errno = saved_errno;
    if (state.before.sa_flags & SA_SIGINFO)
        state.before.sa_sigaction(number, information, context);
    else if (state.before.sa_handler != SIG_DFL &&
             state.before.sa_handler != SIG_IGN)
        state.before.sa_handler(number);
}

void mt_mark_signal_begin(const char *name)
{
    if (!name || !*name)
        return;
    int number = mt_mark_signal_number(name);
    struct sigaction action = {.sa_sigaction = on_signal,
                               .sa_flags =
                                   SA_SIGINFO | SA_RESTART | SA_ONSTACK};
    sigfillset(&action.sa_mask);
    if (!number || is_fault(number) ||
        mt_real.sigaction(number, NULL, &state.before) ||
        mt_real.sigaction(number, &action, NULL))
        mt_message("MEMTRACE_MARK_SIGNAL=", name,
                   " is no signal that can be had; use USR1, USR2 or RTMIN+1",
                   NULL);
}
