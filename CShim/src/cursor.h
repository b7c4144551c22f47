/* SPDX-License-Identifier: Apache-2.0
 *
 * Reads the numbers of DWARF's tables, in this machine's byte order; never
 * beyond the end.
 */
#ifndef MT_CURSOR_H
#define MT_CURSOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Bytes between two addresses; reading past the end sets is_bad. */
struct cursor {
    const uint8_t *at, *end;
    bool is_bad;
};

static inline uint8_t take_byte(struct cursor *cursor)
{
    if (cursor->at < cursor->end)
        return *cursor->at++;
    cursor->is_bad = true;
    return 0;
}

static inline uint64_t take(struct cursor *cursor, size_t byte_count)
{
    uint64_t value = 0;
    if ((size_t)(cursor->end - cursor->at) < byte_count) {
        cursor->is_bad = true;
        cursor->at = cursor->end;
        return 0;
    }
    memcpy(&value, cursor->at, byte_count);
    cursor->at += byte_count;
    return value;
}

static inline void skip(struct cursor *cursor, uint64_t byte_count)
{
    if ((uint64_t)(cursor->end - cursor->at) < byte_count) {
        cursor->is_bad = true;
        cursor->at = cursor->end;
        return;
    }
    cursor->at += byte_count;
}

static inline uint64_t take_uleb(struct cursor *cursor)
{
    uint64_t value = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
        uint64_t byte = take_byte(cursor);
        value |= (byte & 0x7f) << shift;
        if (!(byte & 0x80))
            return value;
    }
    cursor->is_bad = true;
    return 0;
}

static inline int64_t take_sleb(struct cursor *cursor)
{
    uint64_t value = 0;
    for (unsigned shift = 0; shift < 64;) {
        uint64_t byte = take_byte(cursor);
        value |= (byte & 0x7f) << shift;
        shift += 7;
        if (!(byte & 0x80)) {
            if (shift < 64 && byte & 0x40)
                value |= ~0ull << shift;
            return (int64_t)value;
        }
    }
    cursor->is_bad = true;
    return 0;
}

#endif
