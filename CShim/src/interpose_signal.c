/* SPDX-License-Identifier: Apache-2.0
 *
 * The doors by which a program sets a handler. They matter for SIGBUS alone,
 * and only where the user asked for a handler of ours (file_guard.h): then the
 * program's is kept there, and called from ours. libc's functions do not call
 * each other by way of our doors, so each says itself what it means.
 */
#include "attributes.h"
#include "file_guard.h"
#include "real.h"

#include <signal.h>
#include <stddef.h>

static bool is_guarded(int number)
{
    mt_real_begin();
    return MT_UNLIKELY(number == SIGBUS) && mt_file_guard_is_on();
}

MT_EXPORT int sigaction(int number, const struct sigaction *action,
                        struct sigaction *before)
{
    return is_guarded(number) ? mt_file_guard_exchange(action, before)
                              : mt_real.sigaction(number, action, before);
}

/* Returns the handler before. */
static sighandler_t set(sighandler_t handler, int flags, bool holds_itself_back)
{
    struct sigaction action = {.sa_handler = handler, .sa_flags = flags};
    struct sigaction before;
    if (holds_itself_back)
        sigaddset(&action.sa_mask, SIGBUS);
    mt_file_guard_exchange(&action, &before);
    return before.sa_handler;
}

/* SIG_ERR is no handler, and libc's to refuse. */
static sighandler_t set_for_ever(int number, sighandler_t handler)
{
    return is_guarded(number) && handler != SIG_ERR
               ? set(handler, SA_RESTART, true)
               : mt_real.signal(number, handler);
}

static sighandler_t set_for_once(int number, sighandler_t handler)
{
    return is_guarded(number) && handler != SIG_ERR
               ? set(handler, (int)SA_RESETHAND | SA_NODEFER, false)
               : mt_real.sysv_signal(number, handler);
}

MT_EXPORT sighandler_t signal(int number, sighandler_t handler)
{
    return set_for_ever(number, handler);
}

MT_EXPORT sighandler_t ssignal(int number, sighandler_t handler)
{
    return set_for_ever(number, handler);
}

/* No header declares it any more. */
MT_EXPORT sighandler_t bsd_signal(int number, sighandler_t handler);

MT_EXPORT sighandler_t bsd_signal(int number, sighandler_t handler)
{
    return set_for_ever(number, handler);
}

MT_EXPORT sighandler_t sysv_signal(int number, sighandler_t handler)
{
    return set_for_once(number, handler);
}

MT_EXPORT sighandler_t __sysv_signal(int number, sighandler_t handler)
{
    return set_for_once(number, handler);
}

/* SIG_HOLD sets no handler; another one is not held back any more. */
MT_EXPORT sighandler_t sigset(int number, sighandler_t handler)
{
    sighandler_t before;
    sigset_t only, held_back;
    bool sets = handler != SIG_HOLD;
    if (!is_guarded(number) || handler == SIG_ERR)
        return mt_real.sigset(number, handler);
    if (sets) {
        before = set(handler, 0, false);
    } else {
        struct sigaction action;
        mt_file_guard_exchange(NULL, &action);
        before = action.sa_handler;
    }
    sigemptyset(&only);
    sigaddset(&only, number);
    pthread_sigmask(sets ? SIG_UNBLOCK : SIG_BLOCK, &only, &held_back);
    return sigismember(&held_back, number) ? SIG_HOLD : before;
}

MT_EXPORT int sigignore(int number)
{
    if (!is_guarded(number))
        return mt_real.sigignore(number);
    set(SIG_IGN, 0, false);
    return 0;
}
