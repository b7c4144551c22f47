/* SPDX-License-Identifier: Apache-2.0
 *
 * Reads the rule of a return address from the image's own unwind information
 * (.eh_frame, found through .eh_frame_hdr): about a twentieth of the price of
 * asking libunwind, which decides programs that run for milliseconds.
 */
#ifndef MT_CFI_H
#define MT_CFI_H

#include "frame_rule.h"
#include "program_headers.h"

enum mt_cfi_answer {
    MT_CFI_FOUND,
    MT_CFI_NONE,    /* no unwind information covers the address */
    MT_CFI_UNKNOWN, /* something that this small reader does not know */
};

/* No lock, no allocation. */
enum mt_cfi_answer mt_cfi_rule(uintptr_t ip, struct mt_frame_rule *rule);

/* The same for a place in a function, and an .eh_frame_hdr with .eh_frame
 * beside it in `segment`: nothing outside of that is read, whatever they say.
 */
enum mt_cfi_answer mt_cfi_rule_in(const struct mt_segment *segment,
                                  const void *eh_frame_header, uintptr_t target,
                                  struct mt_frame_rule *rule);

#endif
