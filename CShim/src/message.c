/* SPDX-License-Identifier: Apache-2.0
 *
 * See message.h. A program whose standard error is closed, or is one of its
 * own files by now, hears nothing: the line is dropped, never redirected.
 */
#include "message.h"

#include "descriptor.h"

#include <errno.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

void mt_message(const char *text, ...)
{
    int saved_errno = errno;
    char line[1024] = "memtrace: ";
    size_t length = strlen(line);

    va_list texts;
    va_start(texts, text);
    for (; text; text = va_arg(texts, const char *)) {
        size_t room = sizeof line - 1 - length;
        size_t byte_count = strnlen(text, room);
        memcpy(line + length, text, byte_count);
        length += byte_count;
    }
    va_end(texts);
    line[length++] = '\n';

    ssize_t written = mt_descriptor_write(STDERR_FILENO, line, length);
    (void)written; /* nowhere left to complain */
    errno = saved_errno;
}

char *mt_message_number(char buffer[24], unsigned long value)
{
    char *digit = buffer + 23;
    *digit = '\0';
    do {
        *--digit = (char)('0' + value % 10);
        value /= 10;
    } while (value);
    return digit;
}
