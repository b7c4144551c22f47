/* SPDX-License-Identifier: Apache-2.0
 *
 * XXH64, as specified at https://github.com/Cyan4973/xxHash (doc/xxhash_spec.md):
 * the checksum of sealed chunks.
 */
#ifndef MT_CHECKSUM_H
#define MT_CHECKSUM_H

#include <stddef.h>
#include <stdint.h>

uint64_t mt_checksum(const void *bytes, size_t byte_count, uint64_t seed);

#endif
