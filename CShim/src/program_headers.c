/* SPDX-License-Identifier: Apache-2.0
 *
 * See program_headers.h. Formats: the gABI's program header and note section.
 */
#include "program_headers.h"

#include <string.h>
#include <sys/auxv.h>

#define PAGE_BYTE_COUNT 4096u
#define BUILD_ID_LIMIT 64u

/* The program's own, as the kernel handed them over; false for an image that
 * is not the program. */
static bool find_of_program(const struct mt_real_image *image,
                            struct mt_program_headers *headers)
{
    struct mt_segment segment;
    if (*image->path || getauxval(AT_PHENT) != sizeof(ElfW(Phdr)))
        return false;
    *headers = (struct mt_program_headers){
        .list = (const ElfW(Phdr) *)getauxval(AT_PHDR),
        .count = (unsigned)getauxval(AT_PHNUM),
        .bias = image->load_bias};
    return headers->list &&
           mt_program_headers_segment(headers, image->start, &segment);
}

bool mt_program_headers_find(const struct mt_real_image *image,
                             struct mt_program_headers *headers)
{
    const ElfW(Ehdr) *header = (const ElfW(Ehdr) *)image->start;
    if (memcmp(header->e_ident, ELFMAG, SELFMAG) ||
        header->e_phoff > PAGE_BYTE_COUNT ||
        header->e_phentsize != sizeof(ElfW(Phdr)) ||
        header->e_phoff + header->e_phnum * sizeof(ElfW(Phdr)) >
            PAGE_BYTE_COUNT)
        return find_of_program(image, headers);
    *headers = (struct mt_program_headers){
        .list = (const ElfW(Phdr) *)(image->start + header->e_phoff),
        .count = header->e_phnum,
        .bias = image->load_bias};
    return true;
}

bool mt_program_headers_segment(const struct mt_program_headers *headers,
                                uintptr_t address, struct mt_segment *segment)
{
    for (unsigned i = 0; i < headers->count; i++) {
        const ElfW(Phdr) *header = &headers->list[i];
        uintptr_t start = headers->bias + header->p_vaddr;
        if (header->p_type != PT_LOAD || !(header->p_flags & PF_R) ||
            address - start >= header->p_memsz)
            continue;
        *segment = (struct mt_segment){start, start + header->p_memsz};
        return true;
    }
    return false;
}

bool mt_program_headers_range(const struct mt_program_headers *headers,
                              struct mt_segment *range)
{
    *range = (struct mt_segment){UINTPTR_MAX, 0};
    for (unsigned i = 0; i < headers->count; i++) {
        const ElfW(Phdr) *header = &headers->list[i];
        if (header->p_type != PT_LOAD)
            continue;
        uintptr_t low =
            headers->bias + header->p_vaddr / PAGE_BYTE_COUNT * PAGE_BYTE_COUNT;
        uintptr_t high = headers->bias + header->p_vaddr + header->p_memsz;
        range->start = low < range->start ? low : range->start;
        range->end = high > range->end ? high : range->end;
    }
    return range->start < range->end;
}

/* In the notes between two addresses. */
static uint32_t find_in_notes(uintptr_t at, uintptr_t end,
                              const uint8_t **build_id)
{
    while (end - at >= sizeof(ElfW(Nhdr))) {
        ElfW(Nhdr) note;
        memcpy(&note, (const void *)at, sizeof note);
        uintptr_t name = at + sizeof note;
        uint64_t name_byte_count = ((uint64_t)note.n_namesz + 3) / 4 * 4;
        uint64_t text_byte_count = ((uint64_t)note.n_descsz + 3) / 4 * 4;
        if (name_byte_count > end - name ||
            note.n_descsz > end - name - name_byte_count)
            return 0;
        if (note.n_type == NT_GNU_BUILD_ID && note.n_namesz == 4 &&
            !memcmp((const void *)name, "GNU", 4)) {
            *build_id = (const uint8_t *)(name + name_byte_count);
            return note.n_descsz < BUILD_ID_LIMIT ? note.n_descsz
                                                  : BUILD_ID_LIMIT;
        }
        if (text_byte_count > end - name - name_byte_count)
            return 0;
        at = name + name_byte_count + text_byte_count;
    }
    return 0;
}

uint32_t mt_program_headers_build_id(const struct mt_program_headers *headers,
                                     const uint8_t **build_id)
{
    *build_id = NULL;
    for (unsigned i = 0; i < headers->count; i++) {
        const ElfW(Phdr) *header = &headers->list[i];
        uintptr_t at = headers->bias + header->p_vaddr;
        struct mt_segment segment;
        if (header->p_type != PT_NOTE ||
            !mt_program_headers_segment(headers, at, &segment))
            continue;
        if (segment.end - at > header->p_memsz)
            segment.end = at + header->p_memsz;
        uint32_t byte_count = find_in_notes(at, segment.end, build_id);
        if (byte_count)
            return byte_count;
    }
    return 0;
}
