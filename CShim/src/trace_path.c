/* SPDX-License-Identifier: Apache-2.0
 *
 * See trace_path.h.
 */
#include "trace_path.h"

#include "clock.h"
#include "descriptor.h"
#include "kernel_text.h"
#include "message.h"
#include "pages.h"
#include "trace_format.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h> /* renameat2 and its flag live here; nothing else is used */
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define RETIRED_COUNT_LIMIT 1000
#define STAT_BYTE_LIMIT 1024

/* Appends while it fits; `false` from then on. */
static bool append(char path[PATH_MAX], size_t *length, const char *text,
                   size_t byte_count)
{
    if (*length + byte_count >= PATH_MAX)
        return false;
    memcpy(path + *length, text, byte_count);
    *length += byte_count;
    path[*length] = '\0';
    return true;
}

bool mt_trace_path_absolute(const char *relative, char path[PATH_MAX])
{
    size_t length = 0;
    path[0] = '\0';
    if (relative[0] != '/') {
        if (!getcwd(path, PATH_MAX))
            return false;
        length = strlen(path);
        if (!append(path, &length, "/", 1))
            return false;
    }
    return append(path, &length, relative, strlen(relative));
}

/* Puts `text` in the place of the `old_count` bytes at `place`, in place: a
 * second path would be a quarter of the smallest stack. False when it does not
 * fit. */
static bool replace(char path[PATH_MAX], char *place, size_t old_count,
                    const char *text)
{
    size_t count = strlen(text);
    if (strlen(path) - old_count + count >= PATH_MAX)
        return false;
    memmove(place + count, place + old_count, strlen(place + old_count) + 1);
    memcpy(place, text, count);
    return true;
}

/* Replaces each "%p" by the process id; returns whether there was one. */
static bool expand_pid(char path[PATH_MAX], const char *digits, bool *fits)
{
    bool found = false;
    *fits = true;
    for (char *place = path; *fits && (place = strstr(place, "%p"));
         place += strlen(digits)) {
        found = true;
        *fits = replace(path, place, 2, digits);
    }
    return found;
}

/* "dir/trace.bin" and "123" make "dir/trace.123.bin". */
static bool insert_pid(char path[PATH_MAX], const char *digits)
{
    char *name = strrchr(path, '/');
    name = name ? name + 1 : path;
    char *extension = strrchr(name, '.');
    if (!extension || extension == name)
        extension = name + strlen(name);
    return replace(path, extension, 0, ".") &&
           replace(path, extension + 1, 0, digits);
}

bool mt_trace_path_choose(const char *output, bool is_descendant, pid_t pid,
                          char path[PATH_MAX])
{
    char buffer[24];
    const char *digits = mt_message_number(buffer, (unsigned long)pid);
    bool fits;
    if (!mt_trace_path_absolute(output, path))
        return false;
    if (expand_pid(path, digits, &fits) || !fits)
        return fits;
    return !is_descendant || insert_pid(path, digits);
}

/* Reads the beginning of the trace at `path`; false when it is none. */
static bool read_header(const char *path, struct mt_file_header *header)
{
    int file = mt_descriptor_open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
    ssize_t byte_count = mt_descriptor_read_at(file, header, sizeof *header, 0);
    mt_descriptor_close(file);
    return byte_count == sizeof *header &&
           !memcmp(header->magic, MT_FILE_MAGIC, MT_FILE_MAGIC_BYTE_COUNT);
}

/* Says in the trace of a program that was replaced by exec that it was. */
static void note_executed(const char *path)
{
    uint64_t state = MT_STATE_EXECUTED;
    struct iovec piece = {&state, sizeof state};
    int file = mt_descriptor_open(path, O_WRONLY | O_NOFOLLOW | O_NONBLOCK);
    mt_descriptor_write_at(file, &piece, 1,
                           offsetof(struct mt_file_header, state));
    mt_descriptor_close(file);
}

/* Whether the program that writes this trace is still at it. */
static bool is_being_written(const struct mt_file_header *header)
{
    return header->state == MT_STATE_RECORDING &&
           (!kill((pid_t)header->pid, 0) || errno == EPERM);
}

/* "PATH.old", "PATH.old.2", ... */
static bool retired_name(const char *path, unsigned long n,
                         char retired[PATH_MAX])
{
    char digits[24];
    size_t length = 0;
    if (!append(retired, &length, path, strlen(path)) ||
        !append(retired, &length, ".old", 4))
        return false;
    if (n == 1)
        return true;
    const char *number = mt_message_number(digits, n);
    return append(retired, &length, ".", 1) &&
           append(retired, &length, number, strlen(number));
}

/* Paths and headers are large, and the stack of whoever allocates first, or was
 * just forked, may be small. */
struct workspace {
    char retired[PATH_MAX];
    char aside[PATH_MAX];
    struct mt_file_header header;
    char text[STAT_BYTE_LIMIT]; /* of /proc/self/stat */
};

/* When this process was started, which exec does not change; 0: not known. The
 * 22nd word of the text; the second is the program's name, in parentheses. */
static uint64_t process_start(char text[STAT_BYTE_LIMIT])
{
    uint64_t ticks = 0;
    const char *word =
        mt_kernel_text_read("/proc/self/stat", text, STAT_BYTE_LIMIT)
            ? strrchr(text, ')')
            : NULL;
    for (int i = 0; word && i < 20; i++)
        word = strchr(word + 1, ' ');
    if (!word || !mt_kernel_text_number(word, &ticks))
        return 0;
    return ticks * (1000000000 / (uint64_t)sysconf(_SC_CLK_TCK));
}

/* Whether the program of this trace has become ours by exec. Our process id
 * says little: in a container it is 1 each time. The door of exec has said so,
 * or, when the kernel was called by other ways, the trace was begun in the
 * lifetime of this very process, and never ended. */
static bool is_own_predecessor(struct workspace *work, pid_t pid)
{
    const struct mt_file_header *header = &work->header;
    if (header->pid != (uint32_t)pid)
        return false;
    if (header->state != MT_STATE_RECORDING)
        return header->state == MT_STATE_EXECUTED;
    uint64_t running =
        mt_clock_nanoseconds(CLOCK_MONOTONIC); /* first: the lesser one */
    uint64_t suspended = mt_clock_nanoseconds(CLOCK_BOOTTIME) - running;
    return header->clock_pairs[0].monotonic_nanoseconds + suspended >=
           process_start(work->text);
}

/* Renames to the first of these names, from the `first` on, that is free. */
static int rename_to_free(struct workspace *work, const char *path,
                          const char *from, unsigned long first)
{
    for (unsigned long n = first; n < RETIRED_COUNT_LIMIT; n++) {
        if (!retired_name(path, n, work->retired))
            return ENAMETOOLONG;
        if (!renameat2(AT_FDCWD, from, AT_FDCWD, work->retired,
                       RENAME_NOREPLACE) ||
            errno == ENOENT) /* another process moved it first */
            return 0;
        if (errno != EEXIST)
            return errno;
    }
    return EEXIST;
}

static bool is_read_as_being_written(struct workspace *work, const char *path)
{
    return read_header(path, &work->header) && is_being_written(&work->header);
}

/* Removes "PATH.old" unless it is still being written. It is moved aside
 * before it is looked at, as another process may be retiring its own. */
static void remove_retired(struct workspace *work, const char *path, pid_t pid)
{
    char digits[24];
    size_t length = 0;
    const char *number = mt_message_number(digits, (unsigned long)pid);
    if (!retired_name(path, 1, work->retired) ||
        !append(work->aside, &length, work->retired, strlen(work->retired)) ||
        !append(work->aside, &length, "~", 1) ||
        !append(work->aside, &length, number, strlen(number)) ||
        is_read_as_being_written(work, work->retired) ||
        rename(work->retired, work->aside))
        return;
    if (is_read_as_being_written(work, work->aside))
        rename_to_free(work, path, work->aside, 2);
    else
        unlink(work->aside);
}

int mt_trace_path_retire(const char *path, bool is_descendant, pid_t pid)
{
    struct stat status;
    if (lstat(path, &status))
        return errno == ENOENT ? 0 : errno;
    if (!S_ISREG(status.st_mode))
        return S_ISLNK(status.st_mode) ? ELOOP : EEXIST;

    struct workspace *work = mt_pages_map(sizeof *work);
    if (!work)
        return ENOMEM;
    bool is_predecessor =
        read_header(path, &work->header) && is_own_predecessor(work, pid);
    if (is_predecessor && work->header.state == MT_STATE_RECORDING)
        note_executed(path);
    if (!is_descendant && !is_predecessor)
        remove_retired(work, path, pid);
    int error = rename_to_free(work, path, path, 1);
    mt_pages_unmap(work, sizeof *work);
    return error;
}
