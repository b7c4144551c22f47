/* SPDX-License-Identifier: Apache-2.0
 *
 * See images.h.
 */
#include "images.h"

#include "pages.h"
#include "real.h"
#include "trace_file.h"

#include <limits.h>
#include <link.h>
#include <string.h>
#include <unistd.h>

#define IMAGE_LIMIT 16384u
#define BUILD_ID_LIMIT 64u
#define ELF_PAGE_BYTE_COUNT 4096u

struct image {
    _Atomic uintptr_t start; /* 0: unloaded since */
    uintptr_t end;
    const void *identity; /* see mt_real_image; NULL: not known */
    struct mt_image record;
};

static struct {
    struct image *images;
    _Atomic uint32_t count;
    /* Held for a moment while an image is added. Nobody waits for it: who
     * finds it taken leaves the image to the next stack that meets it. */
    _Atomic uint32_t is_busy;
} state;

/* ----------------------------------------------------------- ELF in memory */

/* The GNU build-id note among the program headers of a mapped image. */
static uint32_t find_build_id(const ElfW(Phdr) * headers, unsigned count,
                              uintptr_t bias, const uint8_t **build_id)
{
    for (unsigned i = 0; i < count; i++) {
        if (headers[i].p_type != PT_NOTE)
            continue;
        uintptr_t at = bias + headers[i].p_vaddr;
        uintptr_t end = at + headers[i].p_memsz;
        while (at + sizeof(ElfW(Nhdr)) <= end) {
            const ElfW(Nhdr) *note = (const ElfW(Nhdr) *)at;
            uintptr_t name = at + sizeof *note;
            uintptr_t text = name + (note->n_namesz + 3u) / 4 * 4;
            if (note->n_type == NT_GNU_BUILD_ID && note->n_namesz == 4 &&
                !memcmp((const void *)name, "GNU", 4) &&
                text + note->n_descsz <= end) {
                *build_id = (const uint8_t *)text;
                return note->n_descsz < BUILD_ID_LIMIT ? note->n_descsz
                                                       : BUILD_ID_LIMIT;
            }
            at = text + (note->n_descsz + 3u) / 4 * 4;
        }
    }
    *build_id = NULL;
    return 0;
}

static void find_range(const ElfW(Phdr) * headers, unsigned count,
                       uintptr_t bias, uintptr_t *start, uintptr_t *end)
{
    *start = UINTPTR_MAX;
    *end = 0;
    for (unsigned i = 0; i < count; i++) {
        if (headers[i].p_type != PT_LOAD)
            continue;
        uintptr_t low = bias + headers[i].p_vaddr / ELF_PAGE_BYTE_COUNT *
                                   ELF_PAGE_BYTE_COUNT;
        uintptr_t high = bias + headers[i].p_vaddr + headers[i].p_memsz;
        *start = low < *start ? low : *start;
        *end = high > *end ? high : *end;
    }
}

/* ----------------------------------------------------------------- recording */

static bool is_known(uintptr_t address)
{
    uint32_t count = atomic_load_explicit(&state.count, memory_order_acquire);
    for (uint32_t i = 0; i < count; i++) {
        uintptr_t start =
            atomic_load_explicit(&state.images[i].start, memory_order_relaxed);
        if (start && address >= start && address < state.images[i].end)
            return true;
    }
    return false;
}

static void write_record(const struct mt_image *record, const char *path,
                         const uint8_t *build_id)
{
    struct iovec parts[] = {
        {(void *)(uintptr_t)record, sizeof *record},
        {(void *)(uintptr_t)path, record->path_byte_count},
        {(void *)(uintptr_t)build_id, record->build_id_byte_count},
    };
    mt_trace_file_write(MT_CHUNK_IMAGE, parts, build_id ? 3 : 2);
}

static void add(const ElfW(Phdr) * headers, unsigned header_count,
                uintptr_t bias, const char *path, const void *identity)
{
    uintptr_t start, end;
    find_range(headers, header_count, bias, &start, &end);
    uint32_t nobody = 0;
    if (start >= end || is_known(start) ||
        !atomic_compare_exchange_strong(&state.is_busy, &nobody, 1))
        return;
    uint32_t index = atomic_load(&state.count);
    if (index < IMAGE_LIMIT && !is_known(start)) {
        char program[PATH_MAX];
        if (!path || !*path) {
            ssize_t length =
                readlink("/proc/self/exe", program, sizeof program - 1);
            program[length < 0 ? 0 : length] = '\0';
            path = program;
        }
        const uint8_t *build_id;
        struct image *image = &state.images[index];
        uint32_t build_id_byte_count =
            find_build_id(headers, header_count, bias, &build_id);
        image->record = (struct mt_image){
            .ticks = mt_clock_after(&mt_process.clock),
            .load_bias = bias,
            .start = start,
            .end = end,
            .event = MT_IMAGE_LOADED,
            .epoch = mt_images_epoch(),
            .path_byte_count = (uint32_t)strnlen(path, PATH_MAX),
            .build_id_byte_count = build_id_byte_count,
        };
        image->end = end;
        image->identity = identity;
        atomic_store(&image->start, start);
        write_record(&image->record, path, build_id);
        atomic_store_explicit(&state.count, index + 1, memory_order_release);
    }
    atomic_store(&state.is_busy, 0);
}

void mt_images_note(uintptr_t address)
{
    struct mt_real_image found;
    if (is_known(address) || !mt_real_find_image(address, &found))
        return;
    /* The ELF header is the first thing mapped, its program headers follow. */
    const ElfW(Ehdr) *header = (const ElfW(Ehdr) *)found.start;
    if (memcmp(header->e_ident, ELFMAG, SELFMAG) ||
        header->e_phoff + header->e_phnum * sizeof(ElfW(Phdr)) >
            ELF_PAGE_BYTE_COUNT)
        return;
    add((const ElfW(Phdr) *)(found.start + header->e_phoff), header->e_phnum,
        found.load_bias, found.path, found.identity);
}

static int add_each(struct dl_phdr_info *info, size_t size, void *context)
{
    (void)size;
    (void)context;
    struct mt_real_image found;
    const void *identity = NULL;
    uintptr_t start, end;
    find_range(info->dlpi_phdr, info->dlpi_phnum, info->dlpi_addr, &start,
               &end);
    if (mt_real_find_image(start, &found))
        identity = found.identity;
    add(info->dlpi_phdr, info->dlpi_phnum, info->dlpi_addr, info->dlpi_name,
        identity);
    return 0;
}

void mt_images_record_all(void)
{
    dl_iterate_phdr(add_each, NULL);
}

void mt_images_begin(void)
{
    if (!state.images)
        state.images = mt_pages_map(IMAGE_LIMIT * sizeof *state.images);
    atomic_store(&state.count, 0);
    atomic_store(&state.is_busy, 0);
    if (state.images)
        mt_images_record_all();
}

/* ------------------------------------------------------------------ unloading */

/* Two steps: stacks taken while the image goes are of an epoch of their own,
 * in which another image may already stand at its place. */
void mt_images_before_unload(void)
{
    atomic_fetch_add(&mt_process.page->epoch, 1);
}

void mt_images_after_unload(void)
{
    uint32_t epoch = atomic_fetch_add(&mt_process.page->epoch, 1) + 1;
    uint32_t count = atomic_load(&state.count);
    for (uint32_t i = 0; i < count; i++) {
        struct image *image = &state.images[i];
        uintptr_t start = atomic_load(&image->start);
        struct mt_real_image found;
        if (!start || !image->identity ||
            (mt_real_find_image(start, &found) &&
             found.identity == image->identity))
            continue;
        atomic_store(&image->start, 0);
        image->record.event = MT_IMAGE_UNLOADED;
        image->record.ticks = mt_clock_after(&mt_process.clock);
        image->record.epoch = epoch;
        image->record.path_byte_count = 0;
        image->record.build_id_byte_count = 0;
        write_record(&image->record, "", NULL);
    }
}
