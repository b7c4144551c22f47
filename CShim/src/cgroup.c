/* SPDX-License-Identifier: Apache-2.0
 *
 * See cgroup.h. /proc/self/cgroup says which group, /proc/self/mountinfo where
 * its hierarchy is to be seen; cgroups(7), proc(5).
 */
#include "cgroup.h"

#include "descriptor.h"
#include "kernel_text.h"

#include <limits.h>
#include <string.h>

#define TEXT_BYTE_COUNT 4096
/* Longest name of a file in a group, with its slash. */
#define FILE_NAME_BYTE_COUNT 32
/* Version 1 says "none" with the highest multiple of a page. */
#define LOWEST_UNLIMITED ((uint64_t)1 << 62)

static struct {
    bool is_found;
    bool is_version_1;
    size_t mount_length;  /* of `directory`, what the mount point is */
    size_t chosen_length; /* of `directory`, what the chosen group is */
    uint64_t limit;
    char group[PATH_MAX];     /* as /proc/self/cgroup names it */
    char directory[PATH_MAX]; /* of the process's own group */
    char path[PATH_MAX + FILE_NAME_BYTE_COUNT];
    char text[TEXT_BYTE_COUNT];
} state;

/* ------------------------------------------------------------ files */

/* The text of `name` in the group that is the first `length` bytes of the
 * directory; NULL when it cannot be read. */
static const char *read_file(size_t length, const char *name)
{
    memcpy(state.path, state.directory, length);
    strcpy(state.path + length, name);
    return mt_kernel_text_read(state.path, state.text, sizeof state.text)
               ? state.text
               : NULL;
}

static bool read_number(size_t length, const char *name, uint64_t *number)
{
    const char *text = read_file(length, name);
    return text && mt_kernel_text_number(text, number);
}

static bool usage_of(size_t length, uint64_t *byte_count)
{
    return read_number(length,
                       state.is_version_1 ? "/memory.usage_in_bytes"
                                          : "/memory.current",
                       byte_count);
}

/* "max" is no number. */
static uint64_t limit_of(size_t length)
{
    uint64_t limit;
    if (!read_number(length,
                     state.is_version_1 ? "/memory.limit_in_bytes"
                                        : "/memory.max",
                     &limit) ||
        limit >= LOWEST_UNLIMITED)
        return MT_CGROUP_UNLIMITED;
    return limit;
}

/* ------------------------------------------------------------ which group */

/* Whether the list of `length` bytes at `list`, parted by commas, has
 * "memory". */
static bool has_memory(const char *list, size_t length)
{
    static const char name[] = "memory";
    const char *end = list + length;
    while (list < end) {
        size_t item = 0;
        while (list + item < end && list[item] != ',')
            item++;
        if (item == sizeof name - 1 && !strncmp(list, name, item))
            return true;
        list += item + 1;
    }
    return false;
}

/* A line "ID:CONTROLLERS:PATH". Version 1 counts where it has the controller,
 * as version 2 is then without it. */
static void take_group(const char *line, size_t length)
{
    const char *end = line + length;
    const char *list = memchr(line, ':', length);
    const char *path =
        list ? memchr(list + 1, ':', (size_t)(end - list - 1)) : NULL;
    if (!path || (size_t)(end - path) >= sizeof state.group)
        return;
    list++;
    bool is_version_1 = has_memory(list, (size_t)(path - list));
    bool is_version_2 = list == path && *line == '0';
    if (!is_version_1 && (!is_version_2 || state.is_version_1))
        return;
    state.is_version_1 = is_version_1;
    path++;
    memcpy(state.group, path, (size_t)(end - path));
    state.group[end - path] = '\0';
}

/* ------------------------------------------------------------- where it is */

/* The nth field of a line parted by blanks, n from 0; its length, 0 if there
 * are fewer. */
static size_t field(const char *line, unsigned n, const char **start)
{
    *start = line;
    for (; n; n--) {
        line = strchr(line, ' ');
        if (!line)
            return 0;
        line++;
    }
    *start = line;
    return strcspn(line, " ");
}

/* Copies a path of mountinfo, in which \040 is a blank. */
static bool copy_unescaped(char *to, size_t byte_limit, const char *from,
                           size_t length)
{
    size_t count = 0;
    for (size_t i = 0; i < length; i++) {
        char byte = from[i];
        if (byte == '\\' && i + 3 < length) {
            byte = (char)((from[i + 1] - '0') << 6 | (from[i + 2] - '0') << 3 |
                          (from[i + 3] - '0'));
            i += 3;
        }
        if (count + 1 >= byte_limit)
            return false;
        to[count++] = byte;
    }
    to[count] = '\0';
    return true;
}

/* A mount of the hierarchy, "ID PARENT DEVICE ROOT POINT OPTIONS ... - TYPE
 * SOURCE OPTIONS": whether the group is to be seen below it. In a container
 * the mount may show an inner piece (ROOT) of the hierarchy; where ROOT and
 * group do not fit together the mount point itself is the nearest there is. */
static bool take_mount(const char *line, bool *is_exact)
{
    const char *root, *point, *type, *options;
    const char *tail = strstr(line, " - ");
    size_t root_length = field(line, 3, &root);
    size_t point_length = field(line, 4, &point);
    if (!tail || !root_length || !point_length)
        return false;
    size_t type_length = field(tail + 3, 0, &type);
    size_t options_length = field(tail + 3, 2, &options);
    const char *wanted = state.is_version_1 ? "cgroup" : "cgroup2";
    if (type_length != strlen(wanted) || strncmp(type, wanted, type_length) ||
        (state.is_version_1 && !has_memory(options, options_length)))
        return false;
    if (!copy_unescaped(state.directory, sizeof state.directory, point,
                        point_length))
        return false;
    state.mount_length = strlen(state.directory);
    char *root_path = state.path; /* not in use now */
    if (!copy_unescaped(root_path, sizeof state.path, root, root_length))
        return false;
    size_t skipped = strlen(root_path);
    if (!strcmp(root_path, "/"))
        skipped = 0;
    const char *rest = state.group + skipped;
    *is_exact = !strncmp(state.group, root_path, skipped) &&
                (!*rest || *rest == '/') && !strstr(state.group, "/..");
    if (*is_exact && strcmp(rest, "/") &&
        state.mount_length + strlen(rest) < sizeof state.directory)
        strcpy(state.directory + state.mount_length, rest);
    return true;
}

/* Calls take_group or take_mount for each line; a line too long for the buffer
 * (an overlay's) is cut. True when a mount fits. */
static bool walk(const char *directory, const char *name, bool is_mounts)
{
    strcpy(state.path, directory);
    strcat(state.path, name);
    int file = mt_descriptor_open(state.path, O_RDONLY);
    if (file < 0)
        return false;
    size_t length = 0;
    bool is_cut = false, is_taken = false, is_exact = false;
    for (;;) {
        ssize_t got = mt_descriptor_read(file, state.text + length,
                                         sizeof state.text - 1 - length);
        length += got > 0 ? (size_t)got : 0;
        size_t start = 0;
        char *end;
        state.text[length] = '\0';
        while (!is_exact &&
               (end = memchr(state.text + start, '\n', length - start))) {
            *end = '\0';
            const char *line = state.text + start;
            if (!is_cut && is_mounts)
                is_taken |= take_mount(line, &is_exact);
            else if (!is_cut)
                take_group(line, (size_t)(end - line));
            is_cut = false;
            start = (size_t)(end - state.text) + 1;
        }
        if (got <= 0 || is_exact)
            break;
        if (!start && length == sizeof state.text - 1) {
            is_cut = true;
            start = length;
        }
        length -= start;
        memmove(state.text, state.text + start, length);
    }
    mt_descriptor_close(file);
    return is_taken;
}

bool mt_cgroup_find(const char *process_directory)
{
    state.is_found = state.is_version_1 = false;
    state.group[0] = '\0';
    walk(process_directory, "/cgroup", false);
    if (!*state.group || !walk(process_directory, "/mountinfo", true))
        return false;
    /* What is not readable from here (another name space, the root of version
     * 2, which has no such files) gives way to what is around it. */
    size_t length = strlen(state.directory);
    uint64_t byte_count;
    while (!usage_of(length, &byte_count)) {
        while (length > state.mount_length &&
               state.directory[length - 1] != '/')
            length--;
        if (length <= state.mount_length)
            return false;
        length--;
    }
    state.directory[length] = '\0';
    state.is_found = true;
    mt_cgroup_choose();
    return true;
}

/* ---------------------------------------------------------------- readings */

void mt_cgroup_choose(void)
{
    if (!state.is_found)
        return;
    size_t length = strlen(state.directory);
    uint64_t least = UINT64_MAX;
    state.chosen_length = length;
    state.limit = MT_CGROUP_UNLIMITED;
    while (length >= state.mount_length) {
        uint64_t used, limit = limit_of(length);
        if (limit != MT_CGROUP_UNLIMITED && usage_of(length, &used)) {
            uint64_t room = limit > used ? limit - used : 0;
            if (room < least) {
                least = room;
                state.chosen_length = length;
                state.limit = limit;
            }
        }
        if (length == state.mount_length)
            break;
        do
            length--;
        while (length > state.mount_length && state.directory[length] != '/');
    }
}

bool mt_cgroup_usage(uint64_t *byte_count)
{
    return state.is_found && usage_of(state.chosen_length, byte_count);
}

uint64_t mt_cgroup_limit(void)
{
    return state.is_found ? state.limit : MT_CGROUP_UNLIMITED;
}

static bool add_number(const char *text, const char *key, uint64_t *sum)
{
    uint64_t number;
    const char *found = text ? mt_kernel_text_find(text, key) : NULL;
    if (!found || !mt_kernel_text_number(found, &number))
        return false;
    *sum += number;
    return true;
}

void mt_cgroup_read_details(struct mt_cgroup_details *details)
{
    *details = (struct mt_cgroup_details){0};
    if (!state.is_found)
        return;
    const char *events = read_file(state.chosen_length,
                                   state.is_version_1 ? "/memory.oom_control"
                                                      : "/memory.events");
    details->has_oom_kills =
        add_number(events, "oom_kill ", &details->oom_kills);
    const char *statistics = read_file(state.chosen_length, "/memory.stat");
    const char *active =
        state.is_version_1 ? "total_active_file " : "active_file ";
    const char *inactive =
        state.is_version_1 ? "total_inactive_file " : "inactive_file ";
    details->has_file_byte_count =
        add_number(statistics, active, &details->file_byte_count) &&
        add_number(statistics, inactive, &details->file_byte_count);
}

const char *mt_cgroup_chosen(void)
{
    memcpy(state.path, state.directory, state.chosen_length);
    state.path[state.chosen_length] = '\0';
    return state.path;
}
