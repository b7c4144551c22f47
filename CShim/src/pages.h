/* SPDX-License-Identifier: Apache-2.0
 *
 * Memory for our own tables, straight from the kernel, never from malloc.
 */
#ifndef MT_PAGES_H
#define MT_PAGES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Zeroed pages for `byte_count` bytes, or NULL. They take memory only as they
 * are touched. Safe inside malloc and in signal handlers. */
void *mt_pages_map(size_t byte_count);

/* The same for memory that will be used at once: it is all there already. */
void *mt_pages_map_populated(size_t byte_count);

#define MT_PAGE_BYTE_COUNT 4096u
#define MT_PAGES_POPULATE 23 /* MADV_POPULATE_WRITE, in glibc since 2.35 */

/* Has those pages of a mapping there that will be used at once, where the kernel
 * can (MADV_POPULATE_WRITE, Linux 5.14): one call for all, where each would be
 * a fault, and two if it is read before it is written. `pages` is a multiple of
 * MT_PAGE_BYTE_COUNT. */
void mt_pages_populate(void *pages, size_t byte_count);

/* Gives the memory back and keeps the addresses: they read as zeros. */
void mt_pages_clear(void *pages, size_t byte_count);

/* Gives back what mt_pages_map or mt_pages_map_file returned; NULL is fine. */
void mt_pages_unmap(void *pages, size_t byte_count);

/* Like mt_pages_map, but a forked child finds zeros there, whichever way it
 * was forked (MADV_WIPEONFORK, Linux 4.14; on older kernels only fork's own
 * handlers tell a child from its parent). */
void *mt_pages_map_wiped_on_fork(size_t byte_count);

/* Whether the eight bytes at `address` can be read. */
bool mt_pages_can_read(uintptr_t address);

/* Puts zeros in the place of the page around `address`, private to us, whatever
 * is mapped there; false when the kernel refuses. */
bool mt_pages_put_zeros(uintptr_t address);

/* Maps a piece of a file, shared and writable; NULL on failure. It is new, and
 * used page by page: the kernel need not read around the first. */
void *mt_pages_map_file(int descriptor, uint64_t offset, size_t byte_count);

#endif
