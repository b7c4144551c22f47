/* SPDX-License-Identifier: Apache-2.0
 *
 * Which ELF files are mapped where, from when to when. An image is recorded
 * when a stack first passes through it, and all at the start and the end.
 *
 * The epoch counts calls of dlclose: addresses in stacks of different epochs
 * may belong to different images. It moves on before the real call, so that
 * what comes to an address next is of a later epoch than all that was there;
 * destructors that run inside the call keep the epoch before it.
 */
#ifndef MT_IMAGES_H
#define MT_IMAGES_H

#include "process.h"

#include <stdint.h>

/* Forgets what is recorded (it is in the parent's file), then records all
 * images there are. Takes the loader's lock for a moment. */
void mt_images_begin(void);

/* Records those not yet recorded. Takes the loader's lock for a moment. */
void mt_images_record_all(void);

/* Sees to it that the image at `address`, if any, is recorded. No lock. */
void mt_images_note(uintptr_t address);

/* Around the real dlclose; the first returns the epoch that begins. Nothing
 * without mt_real_find_image: images then stay for ever. */
uint32_t mt_images_before_unload(const void *handle);
void mt_images_after_unload(void);

static inline uint32_t mt_images_epoch(void)
{
    return atomic_load_explicit(&mt_process.page->epoch, memory_order_relaxed);
}

#endif
