/* SPDX-License-Identifier: Apache-2.0
 *
 * See trace_path.h.
 */
#include "trace_path.h"

#include "descriptor.h"
#include "message.h"
#include "trace_format.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdio.h> /* renameat2 and its flag live here; nothing else is used */
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define RETIRED_COUNT_LIMIT 1000

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

/* Replaces each "%p" by the process id; returns whether there was one. */
static bool expand_pid(char path[PATH_MAX], const char *digits, bool *fits)
{
    char pattern[PATH_MAX];
    strcpy(pattern, path);
    size_t length = 0;
    bool found = false;
    *fits = true;
    for (const char *c = pattern; *c && *fits; c++) {
        if (c[0] == '%' && c[1] == 'p') {
            *fits = append(path, &length, digits, strlen(digits));
            found = true;
            c++;
        } else {
            *fits = append(path, &length, c, 1);
        }
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

    char tail[PATH_MAX];
    strcpy(tail, extension);
    size_t length = (size_t)(extension - path);
    return append(path, &length, ".", 1) &&
           append(path, &length, digits, strlen(digits)) &&
           append(path, &length, tail, strlen(tail));
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

/* Whether the trace at `path` was begun by a process of this id: the program
 * that was here before this one was exec'ed, in all likelihood. */
static bool was_written_by(const char *path, pid_t pid)
{
    struct mt_file_header header;
    int file = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (file < 0)
        return false;
    ssize_t byte_count =
        pread(file, &header, offsetof(struct mt_file_header, reserved_1), 0);
    mt_descriptor_close(file);
    return byte_count == offsetof(struct mt_file_header, reserved_1) &&
           !memcmp(header.magic, MT_FILE_MAGIC, MT_FILE_MAGIC_BYTE_COUNT) &&
           header.pid == (uint32_t)pid;
}

/* Says in the trace of a program that was replaced by exec that it was. */
static void note_executed(const char *path)
{
    uint64_t state = MT_STATE_EXECUTED;
    int file = open(path, O_WRONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (file < 0)
        return;
    ssize_t written = pwrite(file, &state, sizeof state,
                             offsetof(struct mt_file_header, state));
    (void)written; /* a courtesy to the reader, no more */
    mt_descriptor_close(file);
}

int mt_trace_path_retire(const char *path, bool is_descendant, pid_t pid)
{
    struct stat status;
    if (lstat(path, &status))
        return errno == ENOENT ? 0 : errno;
    if (!S_ISREG(status.st_mode))
        return S_ISLNK(status.st_mode) ? ELOOP : EEXIST;

    bool is_predecessor = was_written_by(path, pid);
    if (is_predecessor)
        note_executed(path);
    bool keep_all = is_descendant || is_predecessor;

    char retired[PATH_MAX];
    for (unsigned long n = 1; n < RETIRED_COUNT_LIMIT; n++) {
        char digits[24];
        size_t length = 0;
        if (!append(retired, &length, path, strlen(path)) ||
            !append(retired, &length, ".old", 4))
            return ENAMETOOLONG;
        if (n > 1) {
            const char *number = mt_message_number(digits, n);
            if (!append(retired, &length, ".", 1) ||
                !append(retired, &length, number, strlen(number)))
                return ENAMETOOLONG;
        }
        unsigned flags = keep_all ? RENAME_NOREPLACE : 0;
        if (!renameat2(AT_FDCWD, path, AT_FDCWD, retired, flags))
            return 0;
        if (errno == ENOENT)
            return 0; /* another process moved it first */
        if (errno != EEXIST)
            return errno;
    }
    return EEXIST;
}
