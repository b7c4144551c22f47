/* SPDX-License-Identifier: Apache-2.0
 *
 * The names of signals, and what is no signal.
 */
#include "check.h"
#include "mark_signal.h"

#include <signal.h>

static void names_and_numbers(void)
{
    CHECK(mt_mark_signal_number("USR2") == SIGUSR2);
    CHECK(mt_mark_signal_number("SIGUSR1") == SIGUSR1);
    CHECK(mt_mark_signal_number("WINCH") == SIGWINCH);
    CHECK(mt_mark_signal_number("12") == 12);
    CHECK(mt_mark_signal_number("RTMIN") == SIGRTMIN);
    CHECK(mt_mark_signal_number("SIGRTMIN+3") == SIGRTMIN + 3);
    CHECK(mt_mark_signal_number("KILL") == SIGKILL); /* sigaction refuses */
}

static void what_is_no_signal(void)
{
    static const char *const names[] = {
        "",        "SIG",    "usr2",      "USR3",     "0",
        "65",      "-1",     "12x",       "1000000",  "RTMIN+",
        "RTMIN-1", "RTMIN+", "RTMIN+999", "RTMINUS1", "99999999999"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        CHECK(mt_mark_signal_number(names[i]) == 0);
}

int main(void)
{
    names_and_numbers();
    what_is_no_signal();
    return check_summary();
}
