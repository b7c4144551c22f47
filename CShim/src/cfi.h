/* SPDX-License-Identifier: Apache-2.0
 *
 * Reads the rule of a return address from the image's own unwind information
 * (.eh_frame, found through .eh_frame_hdr): about a twentieth of the price of
 * asking libunwind, which decides programs that run for milliseconds.
 */
#ifndef MT_CFI_H
#define MT_CFI_H

#include "frame_rule.h"

/* False when there is no image, no entry, or anything in it that this small
 * reader does not know: libunwind is then asked. No lock, no allocation. */
bool mt_cfi_rule(uintptr_t ip, struct mt_frame_rule *rule);

#endif
