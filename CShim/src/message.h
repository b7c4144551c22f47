/* SPDX-License-Identifier: Apache-2.0
 *
 * One line to standard error, from inside a stranger's process: write(2) on a
 * buffer of our own, no stdio, no allocation, errno kept.
 */
#ifndef MT_MESSAGE_H
#define MT_MESSAGE_H

/* Writes "memtrace: " and the given texts, up to a NULL, as one line. Texts
 * that do not fit are cut. */
void mt_message(const char *text, ...) __attribute__((sentinel));

/* Decimal digits of `value` in `buffer` (24 bytes); returns their start. */
char *mt_message_number(char buffer[24], unsigned long value);

#endif
