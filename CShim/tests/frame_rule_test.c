/* SPDX-License-Identifier: Apache-2.0
 *
 * Rules of frames whose layout is known: each frame here is written down in
 * assembly with its unwind information, and the return address behind its
 * call is asked for.
 */
#include "check.h"
#include "frame_rule.h"
#include "real.h"
#include "unwinder.h"

/* Each `name_return` is the return address of a call in a frame of that kind.
 * They are never called. */
__asm__(".text\n"
        ".globl plain_return, framed_return, large_return\n"
        ".globl bare_return, realigned_return, outermost_return\n"
        "plain:\n .cfi_startproc\n sub $40, %rsp\n .cfi_def_cfa_offset 48\n"
        " call plain\nplain_return:\n nop\n .cfi_endproc\n"
        "framed:\n .cfi_startproc\n push %rbp\n .cfi_def_cfa_offset 16\n"
        " .cfi_offset 6, -16\n mov %rsp, %rbp\n .cfi_def_cfa_register 6\n"
        " call framed\nframed_return:\n nop\n .cfi_endproc\n"
        "large:\n .cfi_startproc\n push %rbp\n .cfi_def_cfa_offset 16\n"
        " .cfi_offset 6, -16\n sub $1000000, %rsp\n"
        " .cfi_def_cfa_offset 1000016\n call large\nlarge_return:\n nop\n"
        " .cfi_endproc\n"
        "bare:\n call bare\nbare_return:\n nop\n nop\n nop\n"
        "realigned:\n .cfi_startproc\n .cfi_def_cfa 10, 0\n call realigned\n"
        "realigned_return:\n nop\n .cfi_endproc\n"
        "outermost:\n .cfi_startproc\n .cfi_undefined 16\n call outermost\n"
        "outermost_return:\n nop\n .cfi_endproc\n");
extern char plain_return[], framed_return[], large_return[], bare_return[],
    realigned_return[], outermost_return[];

static struct mt_frame_rule rule_of(uintptr_t ip, uint32_t epoch)
{
    return mt_frame_rule_unpacked(mt_frame_rule_of(ip, epoch));
}

static struct mt_frame_rule rule_at(const char *address)
{
    struct mt_frame_rule learned = mt_frame_rule_learn((uintptr_t)address);
    /* The table must give back what was learned, the first and second time. */
    for (int i = 0; i < 2; i++) {
        struct mt_frame_rule found = rule_of((uintptr_t)address, 0);
        CHECK(found.kind == learned.kind);
        CHECK(found.cfa_offset == learned.cfa_offset);
        CHECK(found.saves_fp == learned.saves_fp);
        CHECK(found.fp_offset == learned.fp_offset);
    }
    return learned;
}

static void without_libunwind(void)
{
    CHECK(mt_frame_rule_learn((uintptr_t)plain_return).kind == MT_RULE_GUESS);
}

static void with_libunwind(void)
{
    struct mt_frame_rule rule = rule_at(plain_return);
    CHECK(rule.kind == MT_RULE_SP && rule.cfa_offset == 48 && !rule.saves_fp);

    rule = rule_at(framed_return);
    CHECK(rule.kind == MT_RULE_FP && rule.cfa_offset == 16);
    CHECK(rule.saves_fp && rule.fp_offset == -16);

    rule = rule_at(large_return);
    CHECK(rule.kind == MT_RULE_SP && rule.cfa_offset == 1000016);
    CHECK(rule.saves_fp && rule.fp_offset == -16);

    CHECK(rule_at(bare_return).kind == MT_RULE_GUESS);
    CHECK(rule_at(realigned_return).kind == MT_RULE_UNWIND);
    CHECK(rule_at(outermost_return).kind == MT_RULE_OUTERMOST);
}

/* More addresses than the first table holds. */
static void grows(void)
{
    for (uintptr_t i = 0; i < 30000; i++)
        mt_frame_rule_of(0x1000 + i, 0);
    CHECK(rule_of((uintptr_t)framed_return, 0).cfa_offset == 16);
    CHECK(rule_of((uintptr_t)framed_return, 1).cfa_offset == 16);
    CHECK(rule_of(0, 0).kind == MT_RULE_UNWIND);
}

int main(void)
{
    without_libunwind();
    mt_real_begin();
    CHECK(mt_unwinder_load());
    mt_frame_rule_begin();
    with_libunwind();
    grows();
    return check_summary();
}
