/* SPDX-License-Identifier: Apache-2.0
 *
 * Mapped files under truncation: stores to ours go on, on pages of zeros, and
 * end the recording; every other fault is the program's.
 */
#include "check.h"
#include "file_guard.h"
#include "real.h"
#include "trace_file.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <sys/stat.h>
#include <sys/wait.h>

#define PIECE_BYTE_COUNT (8 * MT_PAGE_BYTE_COUNT)

static int file;

/* Of the test file, which is as long as that again. */
static volatile char *mapped_piece(void)
{
    if (file)
        close(file);
    file = open("piece", O_RDWR | O_CREAT | O_TRUNC, 0600);
    if (ftruncate(file, PIECE_BYTE_COUNT))
        abort();
    return mt_pages_map_file(file, 0, PIECE_BYTE_COUNT);
}

static void begin_guard(void)
{
    check_pretend_recording();
    mt_process.options.guard_file = 1;
    mt_file_guard_forget();
    mt_file_guard_begin();
}

static bool is_recording(void)
{
    return mt_process.page->phase == MT_PHASE_RECORDING;
}

static void goes_on_with_zeros(void)
{
    begin_guard();
    CHECK(mt_file_guard_is_on());
    volatile char *piece = mapped_piece();
    mt_file_guard_add((void *)piece, PIECE_BYTE_COUNT);
    memset((void *)piece, 7, PIECE_BYTE_COUNT);
    CHECK(!ftruncate(file, 2 * MT_PAGE_BYTE_COUNT + 100));
    errno = ENOTTY;
    piece[7 * MT_PAGE_BYTE_COUNT] = 1;
    CHECK(errno == ENOTTY && !is_recording());
    CHECK(piece[7 * MT_PAGE_BYTE_COUNT] == 1);
    CHECK(piece[7 * MT_PAGE_BYTE_COUNT + 1] == 0);
    /* All that was gone is there by now, and nothing else has changed. */
    for (size_t page = 2; page < 8; page++)
        CHECK(mt_pages_can_read((uintptr_t)piece + page * MT_PAGE_BYTE_COUNT));
    CHECK(piece[2 * MT_PAGE_BYTE_COUNT + 99] == 7);
    CHECK(piece[2 * MT_PAGE_BYTE_COUNT + 100] == 0);
    piece[MT_PAGE_BYTE_COUNT] = 9;
    char byte;
    CHECK(pread(file, &byte, 1, MT_PAGE_BYTE_COUNT) == 1 && byte == 9);

    /* A second time, less is left. */
    CHECK(!ftruncate(file, 0));
    piece[0] = piece[MT_PAGE_BYTE_COUNT] + 2;
    CHECK(piece[0] == 2 && piece[7 * MT_PAGE_BYTE_COUNT] == 1);
    struct stat status;
    CHECK(!fstat(file, &status) && status.st_size == 0);
    CHECK(!mt_file_guard_remove((void *)piece));
}

/* Before the recording is one: the constructor stops it then. */
static void stops_what_had_not_begun(void)
{
    begin_guard();
    mt_process.page->phase = MT_PHASE_BEGINNING;
    volatile char *piece = mapped_piece();
    mt_file_guard_add((void *)piece, PIECE_BYTE_COUNT);
    CHECK(!ftruncate(file, 0));
    piece[0] = 1;
    CHECK(mt_process.page->phase == MT_PHASE_BEGINNING);
    check_pretend_recording();
    mt_file_guard_stop_if_hit();
    CHECK(!is_recording());
    check_pretend_recording();
    mt_file_guard_forget();
    mt_file_guard_stop_if_hit();
    CHECK(is_recording());
}

/* ---------------------------------------------------------------- threads */

#define THREAD_COUNT 8
static volatile char *shared_piece;
static pthread_barrier_t barrier;

static void *store_everywhere(void *argument)
{
    size_t number = (size_t)argument;
    pthread_barrier_wait(&barrier);
    for (size_t at = number; at < PIECE_BYTE_COUNT; at += 64)
        shared_piece[at] = (char)number;
    return NULL;
}

static void several_threads_meet_it_at_once(void)
{
    for (int round = 0; round < 50; round++) {
        pthread_t threads[THREAD_COUNT];
        begin_guard();
        shared_piece = mapped_piece();
        mt_file_guard_add((void *)shared_piece, PIECE_BYTE_COUNT);
        pthread_barrier_init(&barrier, NULL, THREAD_COUNT + 1);
        for (size_t i = 0; i < THREAD_COUNT; i++)
            pthread_create(&threads[i], NULL, store_everywhere, (void *)i);
        pthread_barrier_wait(&barrier);
        for (off_t left = PIECE_BYTE_COUNT; left >= 0; left -= 5000)
            if (ftruncate(file, left))
                abort();
        for (size_t i = 0; i < THREAD_COUNT; i++)
            pthread_join(threads[i], NULL);
        if (ftruncate(file, 0))
            abort();
        shared_piece[0] = 1;
        if (is_recording())
            break;
    }
    CHECK(!is_recording());
}

/* ------------------------------------------------------------ the program */

static sighandler_t handler_at_start; /* a sanitizer has one */
static sigjmp_buf back;
static siginfo_t seen;

static void jump(int number, siginfo_t *information, void *context)
{
    (void)number;
    (void)context;
    seen = *information;
    siglongjmp(back, 1);
}

static void other_faults_are_the_programs(void)
{
    begin_guard();
    struct sigaction action = {.sa_sigaction = jump, .sa_flags = SA_SIGINFO};
    struct sigaction before;
    CHECK(!mt_file_guard_exchange(&action, &before));
    CHECK(before.sa_handler == handler_at_start);
    CHECK(!mt_file_guard_exchange(NULL, &before));
    CHECK(before.sa_sigaction == jump);
    volatile char *piece = mapped_piece();
    volatile bool is_stored = false;
    CHECK(!ftruncate(file, 0));
    if (!sigsetjmp(back, 1)) {
        piece[10] = 1;
        is_stored = true;
    }
    CHECK(seen.si_code == BUS_ADRERR && seen.si_addr == piece + 10);
    CHECK(is_recording());
    /* Nor are ours any more that were removed. */
    mt_file_guard_add((void *)piece, PIECE_BYTE_COUNT);
    CHECK(mt_file_guard_remove((void *)piece));
    if (!sigsetjmp(back, 1)) {
        piece[20] = 1;
        is_stored = true;
    }
    CHECK(seen.si_addr == piece + 20 && is_recording() && !is_stored);
    action.sa_handler = SIG_DFL;
    CHECK(!mt_file_guard_exchange(&action, NULL));
    mt_pages_unmap((void *)piece, PIECE_BYTE_COUNT);
}

static void without_a_handler_it_kills(void)
{
    begin_guard();
    pid_t child = fork();
    if (!child) {
        volatile char *piece = mapped_piece();
        if (!ftruncate(file, 0))
            piece[10] = 1;
        _exit(1);
    }
    int status;
    CHECK(waitpid(child, &status, 0) == child);
    CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGBUS);
}

/* The kernel's own part varies with the processor. */
static void the_handler_needs_little_stack(void)
{
    static char memory[65536];
    stack_t stack = {.ss_sp = memory, .ss_size = sizeof memory}, none;
    memset(memory, 0x5a, sizeof memory);
    CHECK(!sigaltstack(&stack, &none));
    begin_guard();
    volatile char *piece = mapped_piece();
    mt_file_guard_add((void *)piece, PIECE_BYTE_COUNT);
    CHECK(!ftruncate(file, 0));
    piece[0] = 1;
    size_t unused = 0;
    while (memory[unused] == 0x5a)
        unused++;
    size_t used = sizeof memory - unused;
#ifndef __SANITIZE_ADDRESS__ /* which puts room around all that is there */
    CHECK(used > 0 && used < (size_t)sysconf(_SC_MINSIGSTKSZ) + 3072);
#endif
    printf("%zu bytes of stack, the kernel's %ld included\n", used,
           sysconf(_SC_MINSIGSTKSZ));
    sigaltstack(&none, NULL);
}

static bool is_held_back(int number)
{
    sigset_t held;
    pthread_sigmask(SIG_BLOCK, NULL, &held);
    return sigismember(&held, number);
}

static void seals_hold_back_all_other_signals(void)
{
    sigset_t before, only;
    begin_guard();
    mt_file_guard_hold_signals(&before);
    CHECK(is_held_back(SIGTERM) && is_held_back(SIGSEGV));
    CHECK(!is_held_back(SIGBUS));
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    /* What the program holds back stays so. */
    sigemptyset(&only);
    sigaddset(&only, SIGBUS);
    pthread_sigmask(SIG_BLOCK, &only, NULL);
    mt_file_guard_hold_signals(&before);
    CHECK(is_held_back(SIGBUS) && is_held_back(SIGTERM));
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    CHECK(is_held_back(SIGBUS) && !is_held_back(SIGTERM));
    pthread_sigmask(SIG_UNBLOCK, &only, NULL);
}

int main(void)
{
    struct sigaction action;
    mt_real_begin();
    sigaction(SIGBUS, NULL, &action);
    handler_at_start = action.sa_handler;
    check_enter_directory();
    goes_on_with_zeros();
    stops_what_had_not_begun();
    several_threads_meet_it_at_once();
    other_faults_are_the_programs();
    without_a_handler_it_kills();
    the_handler_needs_little_stack();
    seals_hold_back_all_other_signals();
    check_leave_directory();
    return check_summary();
}
