/* SPDX-License-Identifier: Apache-2.0
 *
 * The one thing the analyzer's tables need that Swift cannot say: that some
 * memory will be read and written soon. A hint; any address will do.
 */
#ifndef CPREFETCH_H
#define CPREFETCH_H

static inline void memtrace_prefetch(const void *address)
{
    __builtin_prefetch(address, 1, 3);
}

#endif
