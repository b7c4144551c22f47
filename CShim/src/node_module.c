/* SPDX-License-Identifier: Apache-2.0
 *
 * See node_module.h. The module is *linked* in node's sense: told to node
 * before node begins, it is there for every context and worker. The other way,
 * an exported napi_register_module_v1 for process.dlopen, would be found by the
 * loader ahead of an addon's own function of that name: what the addon's static
 * constructor then registers is ours (NAPI_MODULE_INIT of node before 20.3).
 */
#include "node_module.h"

#include "attributes.h"
#include "node_api.h"
#include "process.h"
#include "real.h"
#include "runtime.h"
#include "thread.h"
#include "trace_file.h"

#define MEMTRACE_IMPLEMENTATION
#include "memtrace.h"

#include <malloc.h>

/* The environment (main thread or worker) that measures a growth; of two at
 * once each would find the other's blocks. NULL: none does. */
static _Atomic(napi_env) measuring;

/* ---------------------------------------------------------- arguments, results
 */

#define ARGUMENT_LIMIT 2u

static size_t take_arguments(napi_env env, napi_info info,
                             napi_value arguments[ARGUMENT_LIMIT])
{
    size_t count = ARGUMENT_LIMIT;
    if (napi_get_cb_info(env, info, &count, arguments, NULL, NULL) !=
        MT_NAPI_OK)
        return 0;
    return count < ARGUMENT_LIMIT ? count : ARGUMENT_LIMIT;
}

static napi_value boolean(napi_env env, bool truth)
{
    napi_value result = NULL;
    napi_get_boolean(env, truth, &result);
    return result;
}

static void set_number(napi_env env, napi_value object, const char *name,
                       uint64_t number)
{
    napi_value value;
    if (napi_create_double(env, (double)number, &value) == MT_NAPI_OK)
        napi_set_named_property(env, object, name, value);
}

static void set_text(napi_env env, napi_value object, const char *name,
                     const char *text)
{
    napi_value value;
    if (napi_create_string_utf8(env, text, MT_NAPI_AUTO_LENGTH, &value) ==
        MT_NAPI_OK)
        napi_set_named_property(env, object, name, value);
}

/* The numbers of the Float64Array that is the first argument, and the second
 * argument, a thread's id; NULL when they are not that. */
static const double *take_numbers(napi_env env, napi_info info, size_t *count,
                                  uint32_t *thread_id)
{
    napi_value arguments[ARGUMENT_LIMIT];
    int type;
    void *numbers = NULL;
    if (take_arguments(env, info, arguments) == 2 &&
        napi_get_value_uint32(env, arguments[1], thread_id) == MT_NAPI_OK &&
        napi_get_typedarray_info(env, arguments[0], &type, count, &numbers,
                                 NULL, NULL) == MT_NAPI_OK &&
        type == MT_NAPI_FLOAT64_ARRAY)
        return numbers;
    return NULL;
}

/* ------------------------------------------------------------------ functions
 */

static void with_name(napi_env env, napi_info info,
                      void (*function)(const char *name))
{
    napi_value arguments[ARGUMENT_LIMIT];
    char name[MT_MARK_NAME_BYTE_LIMIT + 1];
    if (take_arguments(env, info, arguments) >= 1 &&
        napi_get_value_string_utf8(env, arguments[0], name, sizeof name,
                                   NULL) == MT_NAPI_OK)
        function(name);
}

static napi_value mark(napi_env env, napi_info info)
{
    with_name(env, info, memtrace_mark);
    return NULL;
}

static napi_value snapshot(napi_env env, napi_info info)
{
    with_name(env, info, memtrace_snapshot);
    return NULL;
}

static napi_value pause_recording(napi_env env, napi_info info)
{
    (void)env;
    (void)info;
    memtrace_pause();
    return NULL;
}

static napi_value resume_recording(napi_env env, napi_info info)
{
    (void)env;
    (void)info;
    memtrace_resume();
    return NULL;
}

static napi_value is_recording(napi_env env, napi_info info)
{
    (void)info;
    return boolean(env, memtrace_is_recording());
}

static const char *library_path(void)
{
    struct mt_real_image image;
    return mt_real_find_image((uintptr_t)&mt_process, &image) ? image.path : "";
}

/* Numbers as they are now; `events` lacks what is in windows not yet sealed. */
static napi_value stats(napi_env env, napi_info info)
{
    (void)info;
    napi_value result;
    struct mt_file_header *header = mt_trace_file_header();
    if (!header || napi_create_object(env, &result) != MT_NAPI_OK)
        return NULL;
    struct mallinfo2 books = mallinfo2();
    set_text(env, result, "tracePath", mt_trace_file_path());
    set_text(env, result, "libraryPath", library_path());
    set_number(env, result, "traceBytes",
               ((_Atomic uint64_t *)&header->end_offset)[0]);
    set_number(env, result, "events",
               atomic_load(&mt_process.page->sealed_event_count));
    set_number(env, result, "lostEvents",
               ((_Atomic uint64_t *)&header->lost_events)[0]);
    set_number(env, result, "truncatedStacks",
               ((_Atomic uint64_t *)&header->truncated_stacks)[0]);
    set_number(env, result, "liveBytes", books.uordblks + books.hblkhd);
    return result;
}

/* writeMemory(Float64Array [rss, heapTotal, heapUsed, external, arrayBuffers,
 * heapLimit], threadId): whether it was written. */
static napi_value write_memory(napi_env env, napi_info info)
{
    size_t count;
    uint32_t thread_id;
    const double *numbers = take_numbers(env, info, &count, &thread_id);
    if (!numbers || count < 6)
        return boolean(env, false);
    struct mt_js_memory memory = {
        .rss_byte_count = (uint64_t)numbers[0],
        .heap_total_byte_count = (uint64_t)numbers[1],
        .heap_used_byte_count = (uint64_t)numbers[2],
        .external_byte_count = (uint64_t)numbers[3],
        .array_buffers_byte_count = (uint64_t)numbers[4],
        .heap_limit_byte_count = (uint64_t)numbers[5],
        .thread_id = thread_id,
    };
    return boolean(env, mt_runtime_write_memory(&memory));
}

#define GC_BATCH 64u
#define GC_NUMBERS 4u

/* writeCollections(Float64Array of [start and duration in nanoseconds, kind,
 * flags] each, threadId): whether they were written. */
static napi_value write_collections(napi_env env, napi_info info)
{
    size_t count;
    uint32_t thread_id;
    const double *numbers = take_numbers(env, info, &count, &thread_id);
    bool is_written = numbers != NULL;
    size_t left = numbers ? count / GC_NUMBERS : 0;
    while (left && is_written) {
        struct mt_gc collections[GC_BATCH];
        size_t batch = left < GC_BATCH ? left : GC_BATCH;
        for (size_t i = 0; i < batch; i++, numbers += GC_NUMBERS)
            collections[i] = (struct mt_gc){
                .start = (uint64_t)numbers[0],
                .start_is_monotonic = 1,
                .duration_nanoseconds = (uint64_t)numbers[1],
                .kind = (uint32_t)numbers[2],
                .flags = (uint32_t)numbers[3],
                .thread_id = thread_id,
            };
        is_written = mt_runtime_write_gc(collections, batch);
        left -= batch;
    }
    return boolean(env, is_written);
}

/* One environment at a time: true when it is this one's turn now. */
static napi_value begin_measuring(napi_env env, napi_info info)
{
    (void)info;
    napi_env none = NULL;
    return boolean(env, atomic_compare_exchange_strong(&measuring, &none, env));
}

static void stop_measuring(void *data)
{
    napi_env env = data;
    atomic_compare_exchange_strong(&measuring, &env, NULL);
}

static napi_value end_measuring(napi_env env, napi_info info)
{
    (void)info;
    stop_measuring(env);
    return NULL;
}

/* --------------------------------------------------------------- the module */

static const struct {
    const char *name;
    napi_callback function;
} functions[] = {
    {"mark", mark},
    {"snapshot", snapshot},
    {"pause", pause_recording},
    {"resume", resume_recording},
    {"isRecording", is_recording},
    {"stats", stats},
    {"writeMemory", write_memory},
    {"writeCollections", write_collections},
    {"beginMeasuring", begin_measuring},
    {"endMeasuring", end_measuring},
};

/* For each environment that asks for the module. */
static napi_value fill(napi_env env, napi_value exports)
{
    for (size_t i = 0; i < sizeof functions / sizeof *functions; i++) {
        napi_value function;
        if (napi_create_function(env, functions[i].name, MT_NAPI_AUTO_LENGTH,
                                 functions[i].function, NULL,
                                 &function) == MT_NAPI_OK)
            napi_set_named_property(env, exports, functions[i].name, function);
    }
    /* A worker that is terminated while it measures. */
    napi_add_env_cleanup_hook(env, stop_measuring, env);
    return exports;
}

void mt_node_module_offer(void)
{
    static struct mt_napi_module module = {
        .version = MT_NAPI_MODULE_VERSION,
        .file_name = "libmemtrace.so",
        .register_function = fill,
        .name = "memtrace",
    };
    /* node::Start(int, char **): others that have the C interface (bun, deno)
     * look up their engine when a module is registered, and have none yet. */
    if (napi_module_register && mt_real_global("_ZN4node5StartEiPPc"))
        napi_module_register(&module);
}
