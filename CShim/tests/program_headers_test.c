/* SPDX-License-Identifier: Apache-2.0
 *
 * What an image says of itself is read; what lies is not followed out of its
 * segment, behind which nothing is mapped here.
 */
#include "check.h"
#include "program_headers.h"

#include <dlfcn.h>
#include <sys/mman.h>

#define PAGE 4096u

static const uint8_t note[] = {
    4,   0,   0,   0, 5, 0, 0, 0, 3, 0, 0, 0,
    'G', 'N', 'U', 0, 1, 2, 3, 4, 5, 0, 0, 0,
};

static char *page; /* an image of one page, the next one being out of bounds */
static ElfW(Phdr) list[2];
static struct mt_program_headers headers;

/* The build-id of an image whose last bytes are these, and whose note begins
 * and ends there. */
static uint32_t build_id_of(const uint8_t *bytes, size_t byte_count,
                            uint64_t told_byte_count)
{
    const uint8_t *build_id = NULL;
    memset(page, 0, PAGE);
    memcpy(page + PAGE - byte_count, bytes, byte_count);
    list[1].p_vaddr = PAGE - byte_count;
    list[1].p_memsz = told_byte_count;
    uint32_t count = mt_program_headers_build_id(&headers, &build_id);
    CHECK(!count || (build_id && build_id[count - 1] == count));
    return count;
}

static void check_notes(void)
{
    uint8_t wrong[sizeof note];
    CHECK(build_id_of(note, sizeof note, sizeof note) == 5);
    CHECK(build_id_of(note, sizeof note, UINT64_MAX) == 5);
    CHECK(build_id_of(note, sizeof note - 3, sizeof note - 3) == 5);
    CHECK(build_id_of(note, sizeof note - 4, sizeof note) == 0);
    CHECK(build_id_of(note, 12, 12) == 0);
    CHECK(build_id_of(note, 5, 64) == 0);
    for (unsigned field = 0; field < 12; field++) {
        memcpy(wrong, note, sizeof note);
        wrong[field] ^= 0xff;
        CHECK(build_id_of(wrong, sizeof wrong, sizeof wrong) == 0);
        memset(wrong + field / 4 * 4, 0xff, 4);
        CHECK(build_id_of(wrong, sizeof wrong, UINT64_MAX) == 0);
    }
    /* A note that is in no segment. */
    list[1].p_vaddr = PAGE;
    const uint8_t *build_id;
    CHECK(mt_program_headers_build_id(&headers, &build_id) == 0 && !build_id);
}

static void check_segments(void)
{
    struct mt_segment segment;
    uintptr_t start = (uintptr_t)page;
    CHECK(mt_program_headers_segment(&headers, start, &segment));
    CHECK(segment.start == start && segment.end == start + PAGE);
    CHECK(mt_program_headers_segment(&headers, start + PAGE - 1, &segment));
    CHECK(!mt_program_headers_segment(&headers, start + PAGE, &segment));
    CHECK(!mt_program_headers_segment(&headers, start - 1, &segment));
    list[0].p_flags = PF_X; /* cannot be read */
    CHECK(!mt_program_headers_segment(&headers, start, &segment));
    list[0].p_flags = PF_R;
}

/* This program's own. */
static void check_real_image(void)
{
    struct mt_real_image image;
    struct mt_segment range;
    mt_real_begin();
    CHECK(mt_real_find_image((uintptr_t)check_real_image, &image));
    CHECK(mt_program_headers_find(&image, &headers));
    CHECK(mt_program_headers_range(&headers, &range));
    CHECK(range.start == image.start && range.end > (uintptr_t)&passed_count);
    CHECK(mt_program_headers_segment(&headers, (uintptr_t)image.eh_frame_header,
                                     &range));

    ElfW(Ehdr) *header = (ElfW(Ehdr) *)(void *)page;
    memcpy(header, (const void *)image.start, sizeof *header);
    image.start = (uintptr_t)page;
    CHECK(mt_program_headers_find(&image, &headers));
    header->e_phoff = UINT64_MAX - 8;
    CHECK(!mt_program_headers_find(&image, &headers));
    header->e_phoff = PAGE - 8;
    CHECK(!mt_program_headers_find(&image, &headers));
    header->e_phoff = 64;
    header->e_phentsize = 8;
    CHECK(!mt_program_headers_find(&image, &headers));
}

/* In a program with gaps between its segments (node) the loader knows of the
 * one that an address lies in, which has no ELF header. */
static void check_program_with_gaps(void)
{
    struct mt_real_image image;
    struct mt_segment segment;
    uintptr_t address = (uintptr_t)check_program_with_gaps;
    CHECK(mt_real_find_image(address, &image));
    CHECK(mt_program_headers_find(&image, &headers));
    CHECK(mt_program_headers_segment(&headers, address, &segment));
    CHECK(segment.start != image.start);
    image.start = segment.start;
    headers = (struct mt_program_headers){0};
    CHECK(mt_program_headers_find(&image, &headers));
    CHECK(mt_program_headers_segment(&headers, (uintptr_t)image.eh_frame_header,
                                     &segment));
    image.path = "/lib/other.so";
    CHECK(!mt_program_headers_find(&image, &headers));
}

int main(void)
{
    page = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE,
                MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CHECK(page != MAP_FAILED && !munmap(page + PAGE, PAGE));
    list[0] = (ElfW(Phdr)){.p_type = PT_LOAD, .p_flags = PF_R, .p_memsz = PAGE};
    list[1] = (ElfW(Phdr)){.p_type = PT_NOTE, .p_flags = PF_R};
    headers = (struct mt_program_headers){list, 2, (uintptr_t)page};
    check_notes();
    check_segments();
    check_real_image();
    check_program_with_gaps();
    return check_summary();
}
