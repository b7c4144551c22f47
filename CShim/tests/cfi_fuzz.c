/* SPDX-License-Identifier: Apache-2.0
 *
 * What libFuzzer calls (Tests/Fuzz/run, `cfi`): an image whose notes and unwind
 * information may say anything must not make the shim read outside of its
 * segment, nor run for ever. The address sanitizer watches the first.
 */
#include "cfi.h"
#include "program_headers.h"

#include <stdlib.h>
#include <string.h>

/* An input begins with this; what follows is the segment. */
struct plan {
    uint64_t note_place, note_byte_count;
    uint32_t header_place; /* .eh_frame_hdr */
    uint32_t target;
};

/* cfi.c's own way to an image is not taken. */
bool mt_real_can_find_images(void)
{
    return false;
}

bool mt_real_find_image(uintptr_t address, struct mt_real_image *image)
{
    (void)address;
    (void)image;
    return false;
}

static void read_build_id(const struct plan *plan, const uint8_t *bytes,
                          size_t byte_count)
{
    const ElfW(Phdr) list[] = {
        {.p_type = PT_LOAD, .p_flags = PF_R, .p_memsz = byte_count},
        {.p_type = PT_NOTE,
         .p_vaddr = plan->note_place,
         .p_memsz = plan->note_byte_count},
    };
    struct mt_program_headers headers = {list, 2, (uintptr_t)bytes};
    const uint8_t *build_id = NULL;
    volatile uint8_t read;
    uint32_t count = mt_program_headers_build_id(&headers, &build_id);
    for (uint32_t i = 0; i < count; i++)
        read = build_id[i];
    (void)read;
}

static void read_rules(const struct plan *plan, const uint8_t *bytes,
                       size_t byte_count)
{
    const int32_t distances[] = {0, 1, 2, 5, 11, 40, 200, 5000};
    const struct mt_segment segment = {(uintptr_t)bytes,
                                       (uintptr_t)bytes + byte_count};
    uintptr_t header = (uintptr_t)bytes + plan->header_place % (byte_count + 1);
    struct mt_frame_rule rule;
    mt_cfi_rule_in(&segment, (const void *)header, header + plan->target,
                   &rule);
    /* In each of the functions that the table names. */
    for (uintptr_t place = header + 12; place + 8 < segment.end; place += 8) {
        int32_t location;
        memcpy(&location, (const void *)place, sizeof location);
        for (size_t i = 0; i < sizeof distances / sizeof *distances; i++)
            mt_cfi_rule_in(
                &segment, (const void *)header,
                header + (uintptr_t)location + (uintptr_t)distances[i], &rule);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t byte_count);

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t byte_count)
{
    struct plan plan;
    if (byte_count <= sizeof plan)
        return 0;
    memcpy(&plan, input, sizeof plan);
    byte_count -= sizeof plan;
    /* In a block of its own, whose bounds are watched. */
    uint8_t *bytes = malloc(byte_count);
    if (!bytes)
        return 0;
    memcpy(bytes, input + sizeof plan, byte_count);
    read_build_id(&plan, bytes, byte_count);
    read_rules(&plan, bytes, byte_count);
    free(bytes);
    return 0;
}
