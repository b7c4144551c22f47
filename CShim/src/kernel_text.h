/* SPDX-License-Identifier: Apache-2.0
 *
 * The kernel's small text files: /proc, /sys. Read with one open, read and
 * close each, so that no descriptor of ours stays behind.
 */
#ifndef MT_KERNEL_TEXT_H
#define MT_KERNEL_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Reads the file at `path` into `text` and ends it with a zero; what does not
 * fit into `byte_limit` is left out. Returns the length; 0 when there is
 * nothing to be read. Safe in malloc and in signal handlers. */
size_t mt_kernel_text_read(const char *path, char *text, size_t byte_limit);

/* The decimal number at `text`, blanks before it skipped; false when there is
 * none. */
bool mt_kernel_text_number(const char *text, uint64_t *number);

/* Behind `key` where a line of `text` begins with it, or NULL. */
const char *mt_kernel_text_find(const char *text, const char *key);

#endif
