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
#include "trace_file.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define OPTIONS_VARIABLE "NODE_OPTIONS"
/* Builtins are left out: node's own symbol table names them. */
#define OPTIONS \
    "--perf-basic-prof-only-functions --interpreted-frames-native-stack"

static struct {
    char *options; /* what the next getenv(NODE_OPTIONS) is to return */
    _Atomic int has_served;
    _Atomic(FILE *) names; /* the stream V8 writes to */
    bool keeps_map;        /* the file in /tmp is written as well */
    int map;               /* that file */
} state;

/* Whether the user has asked V8 for its map in so many words: among node's
 * options, or on the command line. */
static bool asks_for_map(const char *options)
{
    static const char option[] = "--perf-basic-prof";
    char command[4096];
    int file = mt_descriptor_open("/proc/self/cmdline", O_RDONLY);
    ssize_t length = mt_descriptor_read(file, command, sizeof command);
    mt_descriptor_close(file);
    return (options && strstr(options, option)) ||
           (length > 0 &&
            memmem(command, (size_t)length, option, sizeof option - 1));
}

void mt_node_begin(void)
{
    mt_process.is_node = mt_real_global("napi_create_function") != NULL;
    if (mt_process.is_node)
        mt_node_module_offer();
    if (!mt_process.is_node || !mt_process.options.javascript)
        return;
    const char *options = mt_options_variable(OPTIONS_VARIABLE);
    size_t length = options ? strlen(options) : 0;
    state.keeps_map = asks_for_map(options);
    state.options = mt_pages_map(length + sizeof " " OPTIONS);
    if (!state.options)
        return;
    if (length) {
        memcpy(state.options, options, length);
        state.options[length++] = ' ';
    }
    memcpy(state.options + length, OPTIONS, sizeof OPTIONS);
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

MT_EXPORT FILE *fopen(const char *path, const char *mode)
{
    mt_real_begin();
    if (MT_UNLIKELY(is_names_file(path, mode)))
        return open_names(path);
    return mt_real.fopen(path, mode);
}

#undef fopen64
MT_EXPORT FILE *fopen64(const char *path, const char *mode)
{
    mt_real_begin();
    if (MT_UNLIKELY(is_names_file(path, mode)))
        return open_names(path);
    return mt_real.fopen64(path, mode);
}

/* V8 makes sure that what it opened is a regular file (base::OS::FOpen). The
 * stream ends in one: the trace. */
MT_EXPORT int fileno(FILE *stream)
{
    mt_real_begin();
    if (MT_UNLIKELY(stream == state.names && stream))
        return mt_trace_file_descriptor();
    return mt_real.fileno(stream);
}

MT_EXPORT int setvbuf(FILE *stream, char *buffer, int mode, size_t size)
{
    mt_real_begin();
    if (MT_UNLIKELY(stream == state.names && stream))
        return 0;
    return mt_real.setvbuf(stream, buffer, mode, size);
}
