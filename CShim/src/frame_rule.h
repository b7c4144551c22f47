/* SPDX-License-Identifier: Apache-2.0
 *
 * How to get from a frame to its caller's, as a constant of the return
 * address: learned once per address, then three additions and two loads.
 */
#ifndef MT_FRAME_RULE_H
#define MT_FRAME_RULE_H

#include <stdbool.h>
#include <stdint.h>

enum mt_rule_kind {
    MT_RULE_NONE = 0,
    MT_RULE_SP = 1,    /* CFA = sp + cfa_offset */
    MT_RULE_FP = 2,    /* CFA = fp + cfa_offset */
    MT_RULE_GUESS = 3, /* no unwind information: CFA = fp + 16, but only if fp
                          is seen to point into this stack above sp */
    MT_RULE_OUTERMOST = 4, /* no caller */
    MT_RULE_STEP = 5,   /* libunwind steps over it, from ip, sp and fp alone: a
                           frame that realigned its stack, for instance */
    MT_RULE_SIGNAL = 6, /* the same; its caller was interrupted by a signal */
    MT_RULE_UNWIND = 7, /* other registers matter: libunwind from the start */
};

/* Return address at CFA - 8; the caller's sp is the CFA. */
struct mt_frame_rule {
    uint8_t kind; /* enum mt_rule_kind */
    bool saves_fp;
    int32_t cfa_offset;
    int32_t fp_offset; /* caller's fp at CFA + fp_offset, if saves_fp */
};

/* A rule in one word, never 0: kind in bits 0-2, saves_fp in 3, the offsets in
 * 4-33 and 34-63. Offsets beyond 29 bits are never made. */
static inline uint64_t mt_frame_rule_packed(struct mt_frame_rule rule)
{
    return (uint64_t)rule.kind | (uint64_t)rule.saves_fp << 3 |
           ((uint64_t)(uint32_t)rule.cfa_offset & 0x3fffffffu) << 4 |
           (uint64_t)(uint32_t)rule.fp_offset << 34;
}

static inline struct mt_frame_rule mt_frame_rule_unpacked(uint64_t word)
{
    return (struct mt_frame_rule){
        .kind = word & 7,
        .saves_fp = word >> 3 & 1,
        .cfa_offset = (int32_t)((int64_t)(word << 30) >> 34),
        .fp_offset = (int32_t)((int64_t)word >> 34),
    };
}

/* What a rule is remembered under: rules of older epochs (images.h) are not
 * used again, as another image may stand at their address. Never 0. */
static inline uint64_t mt_frame_rule_key(uintptr_t ip, uint32_t epoch)
{
    return (uint64_t)ip | (uint64_t)epoch << 48;
}

/* Maps what learning needs. Without memory every rule is MT_RULE_UNWIND. */
void mt_frame_rule_begin(void);

/* The rule of return address `ip` in epoch `epoch`, packed. Lock-free. */
uint64_t mt_frame_rule_of(uintptr_t ip, uint32_t epoch);

/* Reads the unwind information of `ip` (cfi.h) or else asks libunwind;
 * remembers nothing. */
struct mt_frame_rule mt_frame_rule_learn(uintptr_t ip);

/* Asks libunwind: about 6 us, and the oracle that cfi.c is tested against. */
struct mt_frame_rule mt_frame_rule_probe(uintptr_t ip);

#endif
