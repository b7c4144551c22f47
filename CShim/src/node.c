/* SPDX-License-Identifier: Apache-2.0
 *
 * See node.h. node reads NODE_OPTIONS once, with getenv, before V8 starts. That
 * one call is given the user's options with ours behind; the environment
 * itself is not touched, so the program, and its children, see what the user
 * set. V8 then opens /tmp/perf-PID.map for writing; it gets a stream that ends
 * in the trace, by lines, whatever buffer it asks for: a name that is still in
 * a buffer dies with the process.
 */
#include "node.h"

#include "code_names.h"
#include "descriptor.h"
#include "message.h"
#include "node_module.h"
#include "pages.h"
#include "real.h"
#include "thread.h"
#include "trace_descriptor.h"
#include "v8_flags.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define OPTIONS_VARIABLE "NODE_OPTIONS"

static struct {
    char *options; /* what the next getenv(NODE_OPTIONS) is to return */
    _Atomic int has_served;
    _Atomic(FILE *) names; /* the stream V8 writes to */
    bool keeps_map;        /* the file in /tmp is written as well */
    int map;               /* that file */
    bool hides_flags;      /* they are the user's wish in no part */
} state;

/* What the user has asked for in so many words: among node's options, or on
 * the command line. */
struct wishes {
    const char *options; /* NODE_OPTIONS, or NULL */
    size_t command_length;
    char command[4096];
};

static void read_wishes(struct wishes *wishes)
{
    wishes->options = mt_options_variable(OPTIONS_VARIABLE);
    int file = mt_descriptor_open("/proc/self/cmdline", O_RDONLY);
    ssize_t length =
        mt_descriptor_read(file, wishes->command, sizeof wishes->command);
    mt_descriptor_close(file);
    wishes->command_length = length > 0 ? (size_t)length : 0;
}

static bool are_there(const struct wishes *wishes, const char *option)
{
    return (wishes->options &&
            mt_v8_flags_has(wishes->options, strlen(wishes->options),
                            option)) ||
           mt_v8_flags_has(wishes->command, wishes->command_length, option);
}

void mt_node_begin(void)
{
    mt_process.is_node = mt_real_global("napi_create_function") != NULL;
    if (mt_process.is_node)
        mt_node_module_offer();
    if (!mt_process.is_node || !mt_process.options.javascript)
        return;
    struct wishes wishes;
    read_wishes(&wishes);
    state.keeps_map = are_there(&wishes, "--perf-basic-prof");
    state.hides_flags =
        !state.keeps_map &&
        !are_there(&wishes, "--interpreted-frames-native-stack") &&
        !are_there(&wishes, "compact-code-space") && mt_v8_flags_can_hide();
    /* A snapshot outlives the process: nothing of ours is to be in it. And node
     * ends at one that was made with other flags. */
    if (are_there(&wishes, "--build-snapshot") ||
        (are_there(&wishes, "--snapshot-blob") && !state.hides_flags))
        return;
    size_t length = wishes.options ? strlen(wishes.options) : 0;
    state.options = mt_pages_map(length + sizeof " " MT_V8_FLAGS);
    if (!state.options)
        return;
    if (length) {
        memcpy(state.options, wishes.options, length);
        state.options[length++] = ' ';
    }
    memcpy(state.options + length, MT_V8_FLAGS, sizeof MT_V8_FLAGS);
}

MT_EXPORT char *getenv(const char *name)
{
    mt_real_begin();
    if (MT_UNLIKELY(state.options && !strcmp(name, OPTIONS_VARIABLE) &&
                    !atomic_exchange(&state.has_served, 1)))
        return state.options;
    return mt_real.getenv(name);
}

/* ------------------------------------------------------------- the stream */

static bool is_names_file(const char *path, const char *mode)
{
    if (!state.options || !path || !mode || mode[0] != 'w')
        return false;
    char expected[48] = "/tmp/perf-", digits[24];
    strcat(expected, mt_message_number(digits, (unsigned long)getpid()));
    strcat(expected, ".map");
    return !strcmp(path, expected);
}

static ssize_t write_names(void *cookie, const char *text, size_t byte_count)
{
    (void)cookie;
    if (state.keeps_map) {
        ssize_t written = mt_descriptor_write(state.map, text, byte_count);
        (void)written; /* as V8 itself does not look */
    }
    struct mt_thread_state *thread = mt_thread_enter();
    if (thread) {
        mt_code_names_append(text, byte_count);
        mt_thread_leave(thread);
    }
    return (ssize_t)byte_count;
}

static int close_names(void *cookie)
{
    (void)cookie;
    if (state.keeps_map)
        mt_descriptor_close(state.map);
    state.names = NULL;
    return 0;
}

static FILE *open_names(const char *path)
{
    if (state.keeps_map)
        state.map = mt_descriptor_open(path, O_WRONLY | O_CREAT | O_TRUNC);
    cookie_io_functions_t functions = {.write = write_names,
                                       .close = close_names};
    FILE *names = fopencookie(NULL, "w", functions);
    if (names) {
        mt_real.setvbuf(names, NULL, _IOLBF, 0);
        state.names = names;
    }
    return names;
}

/* V8 compares its flags first with those of the snapshot that node reads, then,
 * once its first isolate has opened the file of names, with those of node's own
 * compiled code. Files opened before V8 began are in vain, and do no harm. */
static void hide_flags(bool is_first_isolate)
{
    if (MT_LIKELY(!state.hides_flags) || !state.has_served)
        return;
    if (getpid() == gettid())
        mt_v8_flags_hide();
    if (is_first_isolate)
        state.hides_flags = false;
}

/* What is done before any file is opened; whether it is that of names. */
static bool opens_names(const char *path, const char *mode)
{
    bool is_of_names = is_names_file(path, mode);
    hide_flags(is_of_names);
    return is_of_names;
}

MT_EXPORT FILE *fopen(const char *path, const char *mode)
{
    mt_real_begin();
    if (MT_UNLIKELY(opens_names(path, mode)))
        return open_names(path);
    return mt_real.fopen(path, mode);
}

#undef fopen64
MT_EXPORT FILE *fopen64(const char *path, const char *mode)
{
    mt_real_begin();
    if (MT_UNLIKELY(opens_names(path, mode)))
        return open_names(path);
    return mt_real.fopen64(path, mode);
}

/* V8 makes sure that what it opened is a regular file (base::OS::FOpen). The
 * stream ends in one: the trace. */
MT_EXPORT int fileno(FILE *stream)
{
    mt_real_begin();
    if (MT_UNLIKELY(stream == state.names && stream))
        return mt_trace_descriptor();
    return mt_real.fileno(stream);
}

MT_EXPORT int setvbuf(FILE *stream, char *buffer, int mode, size_t size)
{
    mt_real_begin();
    if (MT_UNLIKELY(stream == state.names && stream))
        return 0;
    return mt_real.setvbuf(stream, buffer, mode, size);
}
