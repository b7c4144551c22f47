/* SPDX-License-Identifier: Apache-2.0
 *
 * The reader of unwind information against libunwind: for every place in
 * libraries that are there anyway, and in this program, the same rule. Where it
 * was tampered with, any rule or none, and nothing read outside of its segment.
 */
#include "cfi.h"
#include "check.h"
#include "real.h"
#include "unwinder.h"

#include <dlfcn.h>
#include <link.h>
#include <sys/mman.h>

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

/* xorshift64, the same in every run */
static uint64_t next_random(void)
{
    static uint64_t state = 0x9e3779b97f4a7c15u;
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state;
}

#define PAGE 4096u
#define CHANGE_COUNT 20000

/* A copy of libc's unwind information, between two pages that cannot be read,
 * and one to four of its bytes overwritten at a time. */
static void check_damaged(void)
{
    struct mt_real_image image;
    struct mt_program_headers headers;
    struct mt_segment segment;
    CHECK(mt_real_find_image((uintptr_t)strlen, &image));
    CHECK(mt_program_headers_find(&image, &headers));
    uintptr_t start = (uintptr_t)image.eh_frame_header;
    CHECK(mt_program_headers_segment(&headers, start, &segment));
    size_t byte_count = (segment.end - start) / PAGE * PAGE;
    char *room = mmap(NULL, byte_count + 2 * PAGE, PROT_NONE,
                      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CHECK(room != MAP_FAILED);
    char *copy = room + PAGE;
    CHECK(!mprotect(copy, byte_count, PROT_READ | PROT_WRITE));
    memcpy(copy, (const void *)start, byte_count);
    segment =
        (struct mt_segment){(uintptr_t)copy, (uintptr_t)copy + byte_count};

    /* One function's place in the table, and what it leads to. */
    const int32_t *table = (const int32_t *)(void *)(copy + 12);
    unsigned found_count = 0;
    for (unsigned i = 0; i < CHANGE_COUNT; i++) {
        size_t row = next_random() % 200;
        size_t entry = (size_t)table[row * 2 + 1];
        if (entry + 64 > byte_count) /* in the page that is not all there */
            continue;
        uintptr_t target = segment.start + (uintptr_t)(intptr_t)table[row * 2];
        size_t place =
            i % 8 == 0 ? next_random() % 2000 : entry + next_random() % 48;
        uint32_t value = (uint32_t)next_random() >> next_random() % 32;
        if (i % 5 == 0)
            value = (uint32_t)(byte_count - place) + value % 9;
        uint32_t before;
        memcpy(&before, copy + place, sizeof before);
        memcpy(copy + place, &value, i % 4 + 1);
        struct mt_frame_rule rule;
        found_count += mt_cfi_rule_in(&segment, copy, target + i % 64, &rule) ==
                       MT_CFI_FOUND;
        memcpy(copy + place, &before, sizeof before);
    }
    CHECK(found_count > CHANGE_COUNT / 10);
    CHECK(found_count < CHANGE_COUNT);
    CHECK(!munmap(room, byte_count + 2 * PAGE));
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
    check_damaged();
    printf("%u places, %u without an entry\n", known_count, unknown_count);
    return check_summary();
}
