/* SPDX-License-Identifier: Apache-2.0
 *
 * The public functions of memtrace.h: instants with names, pause and resume.
 */
#define MEMTRACE_IMPLEMENTATION
#include "memtrace.h"

#include "owner.h"
#include "sample.h"
#include "stack.h"
#include "thread.h"
#include "trace_file.h"

#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static void write_mark(enum mt_mark_kind kind, const char *name)
{
    struct mt_mark mark = {
        .time = mt_process_instant(),
        .kind = kind,
        .tid = (uint32_t)syscall(SYS_gettid),
        .name_byte_count = (uint32_t)strnlen(name, MT_MARK_NAME_BYTE_LIMIT),
    };
    struct iovec parts[] = {
        {&mark, sizeof mark},
        {(void *)(uintptr_t)name, mark.name_byte_count},
    };
    mt_trace_file_write(MT_CHUNK_MARK, parts, 2);
}

/* What is outstanding at a mark is exact: nothing that lives across it is
 * folded away. */
static void write_exact_mark(enum mt_mark_kind kind, const char *name)
{
    mt_owner_forget();
    write_mark(kind, name);
}

/* The mark lies inside the span in which nothing is recorded, so that a block
 * without a beginning always has a pause before it. */
static void set_paused(uint32_t paused)
{
    struct mt_thread_state *thread = mt_thread_enter();
    if (!thread)
        return;
    struct mt_process_page *page = mt_process.page;
    uint32_t other = !paused;
    if (paused) {
        if (!atomic_load(&page->paused))
            write_mark(MT_MARK_PAUSE, "");
        atomic_compare_exchange_strong(&page->paused, &other, 1);
    } else if (atomic_compare_exchange_strong(&page->paused, &other, 0)) {
        write_mark(MT_MARK_RESUME, "");
    }
    mt_thread_leave(thread);
}

MT_EXPORT void memtrace_mark(const char *name)
{
    struct mt_thread_state *thread = mt_thread_enter();
    if (!thread)
        return;
    if (name)
        write_exact_mark(MT_MARK_NAMED, name);
    mt_thread_leave(thread);
}

MT_EXPORT void memtrace_snapshot(const char *name)
{
    const struct mt_caller *caller = MT_CALLER();
    struct mt_thread_state *thread = mt_thread_enter();
    if (!thread)
        return;
    if (name) {
        write_exact_mark(MT_MARK_SNAPSHOT, name);
        mt_sample_take_whole(mt_stack_capture(thread, caller));
    }
    mt_thread_leave(thread);
}

MT_EXPORT void memtrace_pause(void)
{
    set_paused(1);
}

MT_EXPORT void memtrace_resume(void)
{
    set_paused(0);
}

MT_EXPORT int memtrace_is_recording(void)
{
    return mt_process_generation() != 0 &&
           !atomic_load(&mt_process.page->paused);
}
