/* SPDX-License-Identifier: Apache-2.0
 *
 * See runtime.h.
 */
#include "runtime.h"

#include "thread.h"
#include "trace_file.h"

bool mt_runtime_write_memory(const struct mt_js_memory *memory)
{
    struct mt_thread_state *thread = mt_thread_enter();
    if (!thread)
        return false;
    struct mt_js_memory record = *memory;
    mt_process_note_instant();
    record.clock = mt_clock_pair_now(&mt_process.clock);
    record.reserved = 0;
    struct iovec payload = {&record, sizeof record};
    bool is_written = mt_trace_file_write(MT_CHUNK_JS_MEMORY, &payload, 1);
    mt_thread_leave(thread);
    return is_written;
}

bool mt_runtime_write_gc(const struct mt_gc *collections, size_t count)
{
    struct mt_thread_state *thread = mt_thread_enter();
    if (!thread)
        return false;
    bool is_written = true;
    while (count && is_written) {
        size_t batch =
            count < MT_RUNTIME_GC_BATCH ? count : MT_RUNTIME_GC_BATCH;
        struct iovec payload = {(void *)(uintptr_t)collections,
                                batch * sizeof *collections};
        is_written = mt_trace_file_write(MT_CHUNK_GC, &payload, 1);
        collections += batch;
        count -= batch;
    }
    mt_thread_leave(thread);
    return is_written;
}
