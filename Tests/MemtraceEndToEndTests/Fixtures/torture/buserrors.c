/* SPDX-License-Identifier: Apache-2.0
 *
 * A program's own SIGBUS, in all ways: of a mapping whose file it has truncated
 * itself, or sent. As `buserrors ROLE [TRACE]`: before its own, and behind the
 * setting of its handler, it truncates TRACE, which somebody writes to as it
 * allocates. Natively there is no such file, and all that it says about itself
 * must be the same.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <ucontext.h>
#include <unistd.h>

static const char *trace;
static char *page;
static sigjmp_buf back;
static char alternate[65536];
static int handled_count;

/* For handlers, too: allocates nothing. */
static void say(const char *format, ...)
{
    char line[200];
    va_list list;
    va_start(list, format);
    int length = vsnprintf(line, sizeof line, format, list);
    va_end(list);
    if (write(1, line, (size_t)length) != length)
        _exit(99);
}

static __attribute__((noinline)) void use_memory(void)
{
    for (int i = 0; i < 20000; i++) {
        char *volatile block = malloc(100);
        free(block);
    }
}

static void lose_trace(void)
{
    int saved_errno = errno;
    use_memory();
    if (trace && truncate(trace, 0) && errno != ENOENT)
        say("%s: %s\n", trace, strerror(errno));
    errno = saved_errno;
    use_memory();
}

static char *lost_page(void)
{
    char name[] = "buserrors-XXXXXX";
    int file = mkstemp(name);
    unlink(name);
    if (file < 0 || ftruncate(file, 4096))
        _exit(98);
    page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    if (ftruncate(file, 0))
        _exit(97);
    close(file);
    return page;
}

static void touch(void)
{
    *(volatile char *)(lost_page() + 100) = 7;
}

static const char *name_of(sighandler_t handler)
{
    return handler == SIG_DFL    ? "default"
           : handler == SIG_IGN  ? "ignored"
           : handler == SIG_HOLD ? "held"
           : handler == SIG_ERR  ? "error"
                                 : "handler";
}

static void say_handled(int number, siginfo_t *information, void *context)
{
    sigset_t held;
    stack_t stack;
    handled_count++;
    sigprocmask(SIG_BLOCK, NULL, &held);
    sigaltstack(NULL, &stack);
    say("handled %d: code %d, held BUS %d USR1 %d USR2 %d TERM %d, "
        "alternate %d",
        number, information ? information->si_code : -1,
        sigismember(&held, SIGBUS), sigismember(&held, SIGUSR1),
        sigismember(&held, SIGUSR2), sigismember(&held, SIGTERM),
        (stack.ss_flags & SS_ONSTACK) != 0);
    if (context)
        say(", interrupted BUS %d USR2 %d",
            sigismember(&((ucontext_t *)context)->uc_sigmask, SIGBUS),
            sigismember(&((ucontext_t *)context)->uc_sigmask, SIGUSR2));
    say(", errno %d", errno);
    if (information && information->si_code > 0)
        say(", at %ld", (long)((char *)information->si_addr - page));
    say("\n");
    errno = 0;
}

static void mend(int number, siginfo_t *information, void *context)
{
    say_handled(number, information, context);
    mmap(page, 4096, PROT_READ | PROT_WRITE,
         MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
}

static void jump(int number, siginfo_t *information, void *context)
{
    say_handled(number, information, context);
    siglongjmp(back, 1);
}

static void simple(int number)
{
    say_handled(number, NULL, NULL);
}

static void set(void (*handler)(int, siginfo_t *, void *), int flags)
{
    struct sigaction action = {.sa_sigaction = handler,
                               .sa_flags = SA_SIGINFO | flags};
    sigaddset(&action.sa_mask, SIGUSR1);
    if (sigaction(SIGBUS, &action, NULL))
        say("sigaction failed\n");
}

static void say_action(const char *when)
{
    struct sigaction action;
    if (sigaction(SIGBUS, NULL, &action))
        say("sigaction failed\n");
    say("%s: %s, flags %x, BUS %d USR1 %d KILL %d\n", when,
        name_of(action.sa_handler), (unsigned)action.sa_flags,
        sigismember(&action.sa_mask, SIGBUS),
        sigismember(&action.sa_mask, SIGUSR1),
        sigismember(&action.sa_mask, SIGKILL));
}

/* What each function that sets a handler returns and leaves. */
static void say_books(void)
{
    sigset_t all;
    say_action("at first");
    say("signal: %s\n", name_of(signal(SIGBUS, simple)));
    say_action("signal");
    say("bsd_signal: %s\n", name_of(ssignal(SIGBUS, SIG_IGN)));
    say_action("ssignal");
    say("sysv_signal: %s\n", name_of(sysv_signal(SIGBUS, simple)));
    say_action("sysv_signal");
    raise(SIGBUS);
    say_action("behind it");
    say("sigset: %s\n", name_of(sigset(SIGBUS, simple)));
    say_action("sigset");
    say("sigset: %s\n", name_of(sigset(SIGBUS, SIG_HOLD)));
    raise(SIGBUS);
    say("sigset: %s\n", name_of(sigset(SIGBUS, SIG_HOLD)));
    say("sigset: %s\n", name_of(sigset(SIGBUS, simple)));
    say("sigset: %s\n", name_of(sigset(SIGBUS, SIG_ERR)));
    say("sigignore: %d\n", sigignore(SIGBUS));
    say_action("sigignore");
    say("signal: %s\n", name_of(signal(SIGBUS, SIG_ERR)));
    raise(SIGBUS);
    struct sigaction action = {.sa_handler = simple, .sa_flags = SA_RESTART};
    sigfillset(&all);
    action.sa_mask = all;
    sigaction(SIGBUS, &action, NULL);
    say_action("sigaction");
    raise(SIGBUS);
    say("others: %s", name_of(signal(SIGUSR2, SIG_IGN)));
    say(" %s", name_of(sysv_signal(SIGUSR2, simple)));
    say(" %s\n", name_of(sigset(SIGUSR2, SIG_DFL)));
}

static int status_of(pid_t child)
{
    int status = 0;
    waitpid(child, &status, 0);
    return status & ~0x80; /* a core is no matter */
}

/* In children of both kinds, which set handlers of their own. */
static void have_children(void)
{
    pid_t child = fork();
    if (!child) {
        use_memory();
        touch();
        say_action("child");
        signal(SIGBUS, SIG_DFL);
        touch();
        _exit(1);
    }
    say("child of fork: %x\n", (unsigned)status_of(child));
    child = vfork();
    if (!child) {
        signal(SIGBUS, SIG_DFL);
        execl("/bin/sh", "sh", "-c", "kill -BUS $$", NULL);
        _exit(1);
    }
    say("child of vfork: %x\n", (unsigned)status_of(child));
    say_action("parent");
    touch();
}

static void become(const char *self, const char *what)
{
    execl("/nowhere", "nowhere", NULL);
    say_action("not executed");
    execl(self, self, what, NULL);
    say("not executed\n");
}

int main(int argc, char **argv)
{
    const char *role = argc > 1 ? argv[1] : "";
    stack_t stack = {.ss_sp = alternate, .ss_size = sizeof alternate};
    trace = argc > 2 ? argv[2] : NULL;
    errno = ENOTTY;
    if (!strcmp(role, "default")) {
        lose_trace();
        touch();
    } else if (!strcmp(role, "sent")) {
        lose_trace();
        raise(SIGBUS);
    } else if (!strcmp(role, "ignored")) {
        signal(SIGBUS, SIG_IGN);
        lose_trace();
        raise(SIGBUS);
        say("ignored\n");
        touch();
    } else if (!strcmp(role, "handled")) {
        set(mend, 0);
        sigaltstack(&stack, NULL);
        lose_trace();
        touch();
        raise(SIGBUS);
    } else if (!strcmp(role, "elsewhere")) {
        set(mend, SA_ONSTACK | SA_NODEFER);
        sigaltstack(&stack, NULL);
        lose_trace();
        touch();
        touch();
    } else if (!strcmp(role, "late")) {
        lose_trace();
        set(mend, 0);
        touch();
    } else if (!strcmp(role, "jumps")) {
        set(jump, 0);
        lose_trace();
        for (volatile int i = 0; i < 3; i++)
            if (!sigsetjmp(back, 1))
                touch();
        use_memory();
    } else if (!strcmp(role, "once")) {
        set(mend, (int)SA_RESETHAND);
        lose_trace();
        touch();
        say_action("behind it");
        touch();
    } else if (!strcmp(role, "books")) {
        lose_trace();
        say_books();
    } else if (!strcmp(role, "children")) {
        set(mend, 0);
        lose_trace();
        have_children();
    } else if (!strcmp(role, "becomes")) {
        signal(SIGBUS, SIG_IGN);
        lose_trace();
        become(argv[0], "says");
    } else if (!strcmp(role, "says")) {
        say_action("executed");
    }
    say("%d handled\n", handled_count);
    return 29;
}
