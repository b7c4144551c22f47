/* SPDX-License-Identifier: Apache-2.0
 *
 * A window's raw events, made small: pairs that began and ended inside it are
 * folded into sums, the rest is written as differences (trace_format.h has
 * the encoding). Runs once per window, on warm memory.
 */
#ifndef MT_ENCODE_H
#define MT_ENCODE_H

#include "trace_format.h"

#include <stdbool.h>
#include <stddef.h>

/* Writes the first `committed` bytes of the window's events as one
 * MT_CHUNK_EVENTS; false, with the recording stopped, when that fails. The
 * window itself is left as it is; *last_begun is what its last_begun is to be. */
bool mt_encode_and_write(const struct mt_window *window, size_t committed,
                         uint64_t *last_begun);

#endif
