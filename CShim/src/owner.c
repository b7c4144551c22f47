/* SPDX-License-Identifier: Apache-2.0
 *
 * See owner.h.
 */
#include "owner.h"

#include "pages.h"

_Atomic uint64_t mt_owner_words[MT_OWNER_WORD_COUNT]
    __attribute__((aligned(MT_PAGE_BYTE_COUNT)));
_Atomic uint32_t mt_owner_regions[MT_REGION_COUNT];

void mt_owner_begin(void)
{
    mt_pages_populate(mt_owner_words, sizeof mt_owner_words);
}

/* Relaxed, as every access: a begin on another thread at the same time may keep
 * its word, and is then no older than the instant. */
void mt_owner_forget(void)
{
    for (unsigned i = 0; i < MT_OWNER_WORD_COUNT; i++)
        if (atomic_load_explicit(&mt_owner_words[i], memory_order_relaxed))
            atomic_store_explicit(&mt_owner_words[i], 0, memory_order_relaxed);
}
