/* SPDX-License-Identifier: Apache-2.0
 *
 * Leaks one block of each size at which a number of some width ends, in
 * take(): the sizes are printed, one per line. Memory of the large ones is
 * never touched.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

__attribute__((noinline)) static void *take(size_t size)
{
    return malloc(size);
}

int main(void)
{
    static const uint64_t edges[] = {
        0x10, 0x80, 0x100, 0x8000, 0x10000, 0x1000000, 0x80000000, 0x100000000};
    static void *volatile kept;
    for (size_t i = 0; i < sizeof edges / sizeof edges[0]; i++)
        for (uint64_t size = edges[i] - 2; size <= edges[i] + 1; size++) {
            kept = take((size_t)size);
            if (kept)
                dprintf(1, "%ju\n", (uintmax_t)size);
        }
    kept = take(0);
    dprintf(1, "0\n");
    return 0;
}
