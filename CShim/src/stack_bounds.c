/* SPDX-License-Identifier: Apache-2.0
 *
 * See stack_bounds.h. Everything from a live stack pointer up to the end of
 * its mapping can be read; that is all that is asked here.
 */
#include "stack_bounds.h"

#include "attributes.h"
#include "descriptor.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

/* The main thread's stack grows into the gap below it, which the kernel keeps
 * free for it (mmap(2), MAP_GROWSDOWN; the gap follows RLIMIT_STACK). */
#define GROWING_STACK_REACH (64u << 20)

static bool parse_hexadecimal(const char **text, uintptr_t *value)
{
    const char *start = *text;
    for (*value = 0;; (*text)++) {
        char c = **text;
        unsigned digit = c >= '0' && c <= '9'   ? (unsigned)(c - '0')
                         : c >= 'a' && c <= 'f' ? (unsigned)(c - 'a') + 10
                                                : 16;
        if (digit == 16)
            return *text != start;
        *value = *value << 4 | digit;
    }
}

struct search {
    uintptr_t sp, start, end;
    bool is_found;
};

/* One line of maps: "start-end perms ... [stack]". */
static void consider(struct search *search, const char *line)
{
    uintptr_t start, end;
    bool is_stack = strstr(line, "[stack]") != NULL;
    if (!parse_hexadecimal(&line, &start) || *line++ != '-' ||
        !parse_hexadecimal(&line, &end))
        return;
    if (is_stack)
        start -= GROWING_STACK_REACH;
    if (search->sp < start || search->sp >= end || line[1] != 'r')
        return;
    search->start = start;
    search->end = end;
    search->is_found = true;
}

static MT_COLD void read_maps(struct search *search)
{
    int saved_errno = errno;
    int maps = mt_descriptor_open("/proc/self/maps", O_RDONLY);
    char buffer[1025];
    size_t used = 0;
    while (maps >= 0 && !search->is_found) {
        ssize_t got =
            mt_descriptor_read(maps, buffer + used, sizeof buffer - 1 - used);
        if (got <= 0)
            break;
        used += (size_t)got;
        buffer[used] = '\0';
        char *line = buffer;
        for (char *end; !search->is_found && (end = strchr(line, '\n'));
             line = end + 1) {
            *end = '\0';
            consider(search, line);
        }
        used -= (size_t)(line - buffer);
        if (used == sizeof buffer - 1)
            used = 0; /* the tail of a very long path */
        memmove(buffer, line, used);
    }
    mt_descriptor_close(maps);
    errno = saved_errno;
}

uintptr_t mt_stack_bounds_end(struct mt_stack_bounds *bounds, uintptr_t sp)
{
    for (unsigned i = 0; i < MT_STACK_BOUNDS_COUNT; i++)
        if (sp >= bounds->known[i].start && sp < bounds->known[i].end)
            return bounds->known[i].end;

    struct search search = {.sp = sp};
    read_maps(&search);
    if (!search.is_found)
        return 0;
    memmove(&bounds->known[1], &bounds->known[0],
            sizeof bounds->known - sizeof bounds->known[0]);
    bounds->known[0].start = search.start;
    bounds->known[0].end = search.end;
    return search.end;
}
