/* SPDX-License-Identifier: Apache-2.0
 *
 * See process.h. The only constructor and the only destructor; begin, fork,
 * exit.
 */
#include "process.h"

#include "arena_books.h"
#include "code_names.h"
#include "descriptor.h"
#include "early.h"
#include "file_guard.h"
#include "frame_rule.h"
#include "images.h"
#include "mark_signal.h"
#include "message.h"
#include "node.h"
#include "pages.h"
#include "real.h"
#include "sample.h"
#include "stack.h"
#include "stack_table.h"
#include "stamp.h"
#include "thread.h"
#include "trace_file.h"
#include "trace_path.h"
#include "unwinder.h"
#include "window.h"

#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct mt_process mt_process;

/* What a forked child needs to know of its parent; in private memory, so the
 * child has it as it was at the fork. */
static struct {
    char output[PATH_MAX]; /* of the first process of the run, absolute */
    uint64_t fork_ticks;   /* of the newest fork; 0: none */
    pid_t pid;             /* whose trace is open */
    bool is_descendant;
    bool has_confined_children; /* may not do what beginning a trace takes */
    char parent_trace[PATH_MAX];
    /* For what is put together while a trace is begun, by one thread at a time:
     * the stack may be as small as 16 KiB. */
    char scratch[sizeof MT_ROOT_VARIABLE + 32 + PATH_MAX];
} run;

bool mt_process_stop(void)
{
    uint32_t recording = MT_PHASE_RECORDING;
    struct mt_process_page *page = mt_process.page;
    if (!page || !atomic_compare_exchange_strong(&page->phase, &recording,
                                                 MT_PHASE_STOPPED))
        return false;
    atomic_store(&page->generation, 0);
    return true;
}

void mt_process_missed(void)
{
    /* Blocks of our own, while the trace begins, are in early.c instead. */
    if (mt_process_generation() && mt_thread.depth == 1)
        mt_trace_file_lost(1);
}

/* ---------------------------------------------------------------- beginning */

static void begin_clock(void)
{
    struct mt_clock_state *clock = &mt_process.clock;
    bool is_tsc = mt_process.options.tsc && mt_clock_tsc_is_invariant();
    clock->kind = is_tsc ? MT_CLOCK_TSC : MT_CLOCK_MONOTONIC;
    clock->start_ticks = 0;
    clock->start_ticks = mt_clock_now(clock);
}

/* How long a tick is, from the header's first pair to now; good enough for
 * deadlines, and for traces that end before their first sample. */
static void measure_ticks(void)
{
    struct mt_file_header *header = mt_trace_file_header();
    struct mt_clock_pair now = mt_clock_pair_now(&mt_process.clock);
    uint64_t ticks = now.ticks - header->clock_pairs[0].ticks;
    uint64_t nanoseconds = now.monotonic_nanoseconds -
                           header->clock_pairs[0].monotonic_nanoseconds;
    header->clock_pairs[1] = now;
    if (nanoseconds)
        mt_process.ticks_per_millisecond = ticks * 1000000 / nanoseconds;
}

/* The whole of /proc/self/cmdline, as far as it fits. */
static size_t read_command(char *buffer, size_t limit)
{
    int file = mt_descriptor_open("/proc/self/cmdline", O_RDONLY);
    size_t length = 0;
    for (ssize_t got = 1; file >= 0 && got > 0 && length < limit;) {
        got = mt_descriptor_read(file, buffer + length, limit - length);
        length += got > 0 ? (size_t)got : 0;
    }
    mt_descriptor_close(file);
    while (length && !buffer[length - 1])
        length--;
    return length;
}

#define COMMAND_BYTE_LIMIT (128u << 10)

static void write_process(void)
{
    size_t memory_byte_count = COMMAND_BYTE_LIMIT + 2 * PATH_MAX;
    char *command = mt_pages_map(memory_byte_count);
    if (!command)
        return;
    char *executable = command + COMMAND_BYTE_LIMIT;
    char *directory = executable + PATH_MAX;
    ssize_t length = readlink("/proc/self/exe", executable, PATH_MAX);
    struct mt_process_record record = {
        .fork_ticks = run.fork_ticks,
        .executable_byte_count = length > 0 ? (uint32_t)length : 0,
        .command_byte_count =
            (uint32_t)read_command(command, COMMAND_BYTE_LIMIT),
        .directory_byte_count =
            getcwd(directory, PATH_MAX) ? (uint32_t)strlen(directory) : 0,
        .parent_trace_byte_count = (uint32_t)strlen(run.parent_trace),
    };
    struct iovec parts[] = {
        {&record, sizeof record},
        {executable, record.executable_byte_count},
        {command, record.command_byte_count},
        {directory, record.directory_byte_count},
        {run.parent_trace, record.parent_trace_byte_count},
    };
    mt_trace_file_write(MT_CHUNK_PROCESS, parts, 5);
    mt_pages_unmap(command, memory_byte_count);
}

static uint64_t new_generation(void)
{
    static uint64_t count; /* a child's goes on from its parent's */
    return (uint64_t)getpid() << 32 | ++count;
}

/* One that is late, of another thread, is counted at the end. */
static void count_missed(void)
{
    uint64_t count = atomic_exchange(&mt_process.page->missed, 0);
    if (count)
        mt_trace_file_lost(count);
}

/* Opens this process's trace and writes what does not change. Between the
 * phases BEGINNING and RECORDING; no event of any thread is recorded. */
static bool begin_trace(void)
{
    char *path = run.scratch;
    run.pid = getpid();
    if (!mt_trace_path_choose(run.output, run.is_descendant, run.pid, path)) {
        mt_message("the name of the trace is too long: ", run.output,
                   "; nothing is recorded", NULL);
        return false;
    }
    mt_file_guard_begin();
    if (!mt_trace_file_create(path, run.is_descendant, &mt_process.clock,
                              mt_process.options.window_kilobytes * 1024u))
        return false;
    struct mt_process_page *page = mt_process.page;
    atomic_store(&page->phase, MT_PHASE_RECORDING); /* a failure stops it */
    mt_file_guard_stop_if_hit();
    mt_window_abandon_all();
    if (!mt_stack_table_begin())
        mt_trace_file_stop(ENOMEM);
    write_process();
    mt_images_begin();
    mt_sample_begin();
    mt_sample_take_first();
    measure_ticks();
    mt_stamp_begin();
    atomic_store(&page->sample_deadline,
                 mt_process.options.sample_milliseconds *
                     mt_process.ticks_per_millisecond);
    if (atomic_load(&page->phase) == MT_PHASE_RECORDING)
        atomic_store(&page->generation, new_generation());
    /* Stopped by another thread's fault meanwhile; see file_guard.h. */
    if (atomic_load(&page->phase) != MT_PHASE_RECORDING)
        atomic_store(&page->generation, 0);
    count_missed();
    return true;
}

static void turn_off(void)
{
    atomic_store(&mt_process.page->phase, MT_PHASE_OFF);
    mt_early_is_active = false;
}

/* "PID:/path" tells that this process descends from a traced one. */
static bool read_root(void)
{
    const char *root = mt_process.options.root;
    const char *colon = root ? strchr(root, ':') : NULL;
    if (!colon || colon[1] != '/' || strlen(colon + 1) >= PATH_MAX)
        return false;
    strcpy(run.output, colon + 1);
    char digits[24];
    const char *own = mt_message_number(digits, (unsigned long)getpid());
    /* The same process id: the first process has replaced itself by exec, and
     * goes on as the first. */
    run.is_descendant = strlen(own) != (size_t)(colon - root) ||
                        strncmp(root, own, (size_t)(colon - root)) != 0;
    return true;
}

static void publish_root(void)
{
    char *assignment = run.scratch;
    char digits[24];
    strcpy(assignment, MT_ROOT_VARIABLE "=");
    strcat(assignment, mt_message_number(digits, (unsigned long)getpid()));
    strcat(assignment, ":");
    strcat(assignment, run.output);
    mt_options_publish(assignment);
}

static bool find_output(void)
{
    const char *output = mt_process.options.output;
    if (read_root())
        return true;
    if (!mt_trace_path_absolute(output ? output : MT_OUTPUT_DEFAULT,
                                run.output)) {
        mt_message("cannot tell where to write ",
                   output ? output : MT_OUTPUT_DEFAULT,
                   ": its name is too long, or the working directory is gone; "
                   "nothing is recorded",
                   NULL);
        return false;
    }
    publish_root();
    return true;
}

static void before_fork(void)
{
    run.fork_ticks = mt_process_instant();
}

/* Those that no stack went through yet. To go through all of them takes the
 * loader's lock and its word for what is mapped. _exit may be called while
 * another thread hangs in dlopen, or from a handler that has interrupted
 * dlclose: then this is left to libcs with which it is the only way. */
static void record_other_images(bool is_in_order)
{
    if (is_in_order || !mt_real_can_find_images())
        mt_images_record_all();
}

static void after_fork_in_child(void)
{
    /* Where no child is recorded it may not even ask who it is. */
    if (!run.has_confined_children)
        mt_arena_books_allow_child();
}

/* `caller`: by whose calls the process ends, or NULL. */
static void note_end(const struct mt_caller *caller)
{
    struct mt_thread_state *thread = &mt_thread;
    /* A vfork'ed child shares this memory, but it is not its end that the
     * trace is about. */
    if (!mt_process_generation() || getpid() != run.pid)
        return;
    /* Not from a signal handler that has interrupted one of our functions. */
    if (!thread->depth) {
        thread->clerk_frame = MT_THREAD_NO_FRAME;
        thread->depth = 1;
        record_other_images(caller);
        mt_sample_take_whole(caller ? mt_stack_capture(thread, caller) : 0);
        thread->depth = 0;
    }
    count_missed();
    mt_trace_file_ended(mt_clock_now(&mt_process.clock));
}

static void note_quick_end(void)
{
    note_end(NULL);
}

static void begin(void)
{
    mt_real_begin();
    mt_real_begin_optional();
    mt_options_read(&mt_process.options);
    mt_process.fold_byte_limit =
        mt_process.options.fold ? MT_FOLD_BYTE_LIMIT : 0;
    struct mt_process_page *page =
        mt_pages_map_wiped_on_fork(sizeof(struct mt_process_page));
    if (!page) {
        mt_message("no memory; nothing is recorded", NULL);
        mt_early_is_active = false;
        return;
    }
    atomic_store(&page->phase, MT_PHASE_BEGINNING);
    mt_process.page = page;
    if (mt_process.options.disabled) {
        turn_off();
        return;
    }
    begin_clock();
    if (mt_process.options.unwinder != MT_UNWINDER_FRAME_POINTERS &&
        !mt_unwinder_load())
        mt_message("libunwind.so.8 is missing; stacks are walked by frame "
                   "pointers",
                   NULL);
    mt_owner_begin();
    mt_frame_rule_begin();
    if (!find_output() || !begin_trace()) {
        turn_off();
        return;
    }
    mt_node_begin();
    mt_thread_watch_ends();
    mt_arena_books_begin();
    mt_mark_signal_begin(mt_process.options.mark_signal);
    pthread_atfork(before_fork, NULL, after_fork_in_child);
    at_quick_exit(note_quick_end); /* which ends past our _exit, inside libc */
}

__attribute__((constructor)) static void process_begin(void)
{
    int saved_errno = errno;
    mt_thread_begin_own(); /* what libc allocates for us is MT_OWN */
    begin();
    mt_thread_end_own();
    struct mt_thread_state *thread = mt_thread_enter();
    if (thread) {
        mt_early_record(thread);
        mt_thread_leave(thread);
    }
    mt_early_is_active = false;
    errno = saved_errno;
}

/* -------------------------------------------------------------------- fork */

void mt_process_confine_children(void)
{
    run.has_confined_children = true;
}

void mt_process_begin_child(void)
{
    struct mt_process_page *page = mt_process.page;
    uint32_t unborn = MT_PHASE_UNBORN;
    if (!atomic_compare_exchange_strong(&page->phase, &unborn,
                                        MT_PHASE_BEGINNING))
        return;
    if (!*mt_trace_file_path() || run.has_confined_children) {
        turn_off(); /* the parent had none either, or it must not */
        return;
    }
    strcpy(run.parent_trace, mt_trace_file_path());
    run.is_descendant = true;
    mt_owner_forget(); /* the parent's windows */
    mt_file_guard_forget();
    mt_window_abandon_all();
    mt_stack_table_abandon();
    mt_code_names_abandon();
    mt_trace_file_abandon();
    uint64_t fork_ticks = run.fork_ticks;
    begin_clock();
    run.fork_ticks = fork_ticks;
    if (!begin_trace())
        turn_off();
}

/* --------------------------------------------------------------------- end */

__attribute__((destructor)) static void process_end(void)
{
    int saved_errno = errno;
    const struct mt_caller *caller = MT_CALLER();
    note_end(caller);
    errno = saved_errno;
}

MT_EXPORT void _exit(int status)
{
    note_end(NULL);
    mt_real_begin();
    mt_real._exit(status);
    __builtin_unreachable();
}

MT_EXPORT void _Exit(int status)
{
    note_end(NULL);
    mt_real_begin();
    mt_real._exit(status);
    __builtin_unreachable();
}
