/* SPDX-License-Identifier: Apache-2.0
 *
 * What an image in memory says of itself, read from its program headers. The
 * loader has mapped the segments that they list, and nothing outside of those
 * is read, as the rest of an image may say anything.
 */
#ifndef MT_PROGRAM_HEADERS_H
#define MT_PROGRAM_HEADERS_H

#include "real.h"

#include <link.h>
#include <stdbool.h>
#include <stdint.h>

struct mt_program_headers {
    const ElfW(Phdr) * list;
    unsigned count;
    uintptr_t bias;
};

/* A piece of an image that can be read. */
struct mt_segment {
    uintptr_t start, end;
};

/* Those of an image whose ELF header is the first thing mapped, and followed
 * by them, as linkers lay it out; and the program's, whose segments may have
 * gaps between them (node): then `image` begins with the one that the address
 * lies in. False for another. */
bool mt_program_headers_find(const struct mt_real_image *image,
                             struct mt_program_headers *headers);

/* The segment around `address`; false when there is none that can be read. */
bool mt_program_headers_segment(const struct mt_program_headers *headers,
                                uintptr_t address, struct mt_segment *segment);

/* From the first page to behind the last byte; false without a segment. */
bool mt_program_headers_range(const struct mt_program_headers *headers,
                              struct mt_segment *range);

/* The bytes of the GNU build-id, and where they are; 0 without one. */
uint32_t mt_program_headers_build_id(const struct mt_program_headers *headers,
                                     const uint8_t **build_id);

#endif
