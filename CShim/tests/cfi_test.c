/* SPDX-License-Identifier: Apache-2.0
 *
 * The reader of unwind information against libunwind: for every place in
 * libraries that are there anyway, and in this program, the same rule.
 */
#include "cfi.h"
#include "check.h"
#include "real.h"
#include "unwinder.h"

#include <dlfcn.h>
#include <link.h>

static unsigned known_count, unknown_count, different_count, left_count;

static bool equal(struct mt_frame_rule a, struct mt_frame_rule b)
{
    return a.kind == b.kind && a.cfa_offset == b.cfa_offset &&
           a.saves_fp == b.saves_fp &&
           (!a.saves_fp || a.fp_offset == b.fp_offset);
}

static void compare_at(uintptr_t ip)
{
    struct mt_frame_rule rule;
    if (mt_cfi_rule(ip, &rule) != MT_CFI_FOUND) {
        unknown_count++;
        return;
    }
    known_count++;
    struct mt_frame_rule expected = mt_frame_rule_probe(ip);
    if (equal(rule, expected))
        return;
    /* Saying that it is libunwind's is always right. */
    if (rule.kind >= MT_RULE_STEP) {
        left_count++;
        return;
    }
    different_count++;
    if (different_count < 10)
        printf("%#lx: kind %d cfa %d fp %d %d, libunwind: %d %d %d %d\n",
               (unsigned long)ip, rule.kind, rule.cfa_offset, rule.saves_fp,
               rule.fp_offset, expected.kind, expected.cfa_offset,
               expected.saves_fp, expected.fp_offset);
}

/* Every `stride`-th byte of the executable segments, whether or not an
 * instruction begins there. */
static int compare_image(struct dl_phdr_info *info, size_t size, void *stride)
{
    (void)size;
    if (strstr(info->dlpi_name, "vdso"))
        return 0;
    for (unsigned i = 0; i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *header = &info->dlpi_phdr[i];
        if (header->p_type != PT_LOAD || !(header->p_flags & PF_X))
            continue;
        uintptr_t start = info->dlpi_addr + header->p_vaddr;
        for (uintptr_t at = start + 1; at < start + header->p_memsz;
             at += *(uintptr_t *)stride)
            compare_at(at);
    }
    return 0;
}

int main(void)
{
    uintptr_t stride = 211;
    CHECK(mt_unwinder_load());
    mt_real_begin();
    CHECK(mt_real_can_find_images());
    mt_frame_rule_begin();
    CHECK(dlopen("libstdc++.so.6", RTLD_NOW));
    dl_iterate_phdr(compare_image, &stride);
    CHECK(known_count > 10000);
    CHECK(different_count == 0);
    CHECK(unknown_count < known_count / 10);
    CHECK(left_count < known_count / 100);

    struct mt_frame_rule rule;
    CHECK(mt_cfi_rule(0, &rule) == MT_CFI_NONE);
    CHECK(mt_cfi_rule((uintptr_t)&stride, &rule) == MT_CFI_NONE);
    printf("%u places, %u without an entry\n", known_count, unknown_count);
    return check_summary();
}
