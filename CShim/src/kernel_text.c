/* SPDX-License-Identifier: Apache-2.0
 *
 * See kernel_text.h.
 */
#include "kernel_text.h"

#include "descriptor.h"

#include <string.h>

size_t mt_kernel_text_read(const char *path, char *text, size_t byte_limit)
{
    int file = mt_descriptor_open(path, O_RDONLY);
    size_t length = 0;
    ssize_t got = file < 0 ? -1 : 1;
    while (got > 0 && length < byte_limit - 1) {
        got = mt_descriptor_read(file, text + length, byte_limit - 1 - length);
        length += got > 0 ? (size_t)got : 0;
        if (got > 0 && text[length - 1] == '\n')
            break; /* such files end with a line; saves the read of nothing */
    }
    mt_descriptor_close(file);
    text[length] = '\0';
    return length;
}

bool mt_kernel_text_number(const char *text, uint64_t *number)
{
    while (*text == ' ' || *text == '\t')
        text++;
    if (*text < '0' || *text > '9')
        return false;
    uint64_t value = 0;
    for (; *text >= '0' && *text <= '9'; text++)
        value = value * 10 + (uint64_t)(*text - '0');
    *number = value;
    return true;
}

const char *mt_kernel_text_find(const char *text, const char *key)
{
    size_t length = strlen(key);
    while (text && *text) {
        if (!strncmp(text, key, length))
            return text + length;
        text = strchr(text, '\n');
        text = text ? text + 1 : NULL;
    }
    return NULL;
}
