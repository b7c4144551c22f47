/* SPDX-License-Identifier: Apache-2.0
 *
 * XXH64 against values of the reference implementation (xxhsum, and the
 * vectors of its specification).
 */
#include "check.h"
#include "checksum.h"

int main(void)
{
    CHECK(mt_checksum("", 0, 0) == 0xef46db3751d8e999u);
    CHECK(mt_checksum("a", 1, 0) == 0xd24ec4f1a98c6e5bu);
    CHECK(mt_checksum("abc", 3, 0) == 0x44bc2cf5ad770999u);
    CHECK(mt_checksum("Nobody inspects the spammish repetition", 39, 0) ==
          0xfbcea83c8a378bf1u);
    CHECK(mt_checksum("xxhash", 6, 20141025) == 0xb559b98d844e0635u);

    /* Every length takes another path through lanes and tails. */
    unsigned char bytes[100];
    for (unsigned i = 0; i < sizeof bytes; i++)
        bytes[i] = (unsigned char)(i * 7);
    for (unsigned length = 1; length < sizeof bytes; length++) {
        uint64_t sum = mt_checksum(bytes, length, 1);
        bytes[length - 1] ^= 1;
        CHECK(mt_checksum(bytes, length, 1) != sum);
        bytes[length - 1] ^= 1;
        CHECK(mt_checksum(bytes, length, 2) != sum);
    }
    return check_summary();
}
