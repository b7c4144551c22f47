/* SPDX-License-Identifier: Apache-2.0
 *
 * zlib for Swift. Its two ways to begin are macros, which Swift does not see.
 */
#ifndef MEMTRACE_CZLIB_H
#define MEMTRACE_CZLIB_H

#include <zlib.h>

/* Begins a gzip file, compressed as gzip does by default. */
static inline int memtrace_gzip_begin(z_stream *stream)
{
    return deflateInit2(stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED,
                        MAX_WBITS + 16, 8, Z_DEFAULT_STRATEGY);
}

/* Begins to read what was compressed by gzip or zlib; for tests. */
static inline int memtrace_gunzip_begin(z_stream *stream)
{
    return inflateInit2(stream, MAX_WBITS + 32);
}

#endif
