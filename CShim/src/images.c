/* SPDX-License-Identifier: Apache-2.0
 *
 * See images.h.
 */
#include "images.h"

#include "checksum.h"
#include "pages.h"
#include "program_headers.h"
#include "real.h"
#include "trace_file.h"

#include <limits.h>
#include <link.h>
#include <sched.h>
#include <string.h>
#include <unistd.h>

#define IMAGE_LIMIT 16384u

struct image {
    _Atomic uintptr_t start; /* 0: unloaded since */
    uintptr_t end;
    uint64_t content;       /* of path and build-id: what is loaded here */
    const void *handle;     /* dlopen's; another image may have it later */
    uint32_t closing_epoch; /* of the newest dlclose of that handle; or 0 */
    struct mt_image record;
};

static struct {
    struct image *images;
    _Atomic uint32_t count;
    /* Held while images are added or taken away: for a write to the trace,
     * never for anything another thread must do first. A signal handler cannot
     * meet it, as it finds this thread inside the guard. */
    _Atomic uint32_t is_busy;
} state;

static void lock(void)
{
    while (atomic_exchange_explicit(&state.is_busy, 1, memory_order_acquire))
        sched_yield();
}

static void unlock(void)
{
    atomic_store_explicit(&state.is_busy, 0, memory_order_release);
}

/* ----------------------------------------------------------------- recording */

static struct image *known_at(uintptr_t address)
{
    uint32_t count = atomic_load_explicit(&state.count, memory_order_acquire);
    for (uint32_t i = 0; i < count; i++) {
        uintptr_t start =
            atomic_load_explicit(&state.images[i].start, memory_order_relaxed);
        if (start && address >= start && address < state.images[i].end)
            return &state.images[i];
    }
    return NULL;
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

/* An ELF file as it stands in memory. */
struct found_image {
    struct mt_image record;
    uint64_t content;
    const void *handle;
    const char *path;
    const uint8_t *build_id;
    char program[PATH_MAX]; /* where `path` points to for the program itself */
};

static bool read_image(const struct mt_program_headers *headers,
                       const char *path, struct found_image *found)
{
    struct mt_segment range;
    if (!mt_program_headers_range(headers, &range))
        return false;
    if (!path || !*path) {
        ssize_t length = readlink("/proc/self/exe", found->program,
                                  sizeof found->program - 1);
        found->program[length < 0 ? 0 : length] = '\0';
        path = found->program;
    }
    found->path = path;
    uint32_t build_id_byte_count =
        mt_program_headers_build_id(headers, &found->build_id);
    found->record = (struct mt_image){
        .ticks = mt_process_instant(),
        .load_bias = headers->bias,
        .start = range.start,
        .end = range.end,
        .event = MT_IMAGE_LOADED,
        .path_byte_count = (uint32_t)strnlen(path, PATH_MAX),
        .build_id_byte_count = build_id_byte_count,
    };
    found->content = mt_checksum(
        path, found->record.path_byte_count,
        mt_checksum(found->build_id, build_id_byte_count, found->record.start));
    return true;
}

/* The image at `address` without the loader's lock. */
static bool read_image_at(uintptr_t address, struct found_image *found)
{
    struct mt_real_image image;
    struct mt_program_headers headers;
    if (!mt_real_find_image(address, &image) ||
        !mt_program_headers_find(&image, &headers))
        return false;
    found->handle = image.handle;
    return read_image(&headers, image.path, found);
}

/* The first epoch in which an image may have stood there: that in which the
 * one before it went. It is recorded a little later than it came. */
static uint32_t first_epoch(const struct mt_image *record, uint32_t count)
{
    uint32_t epoch = 0;
    for (uint32_t i = 0; i < count; i++) {
        const struct mt_image *other = &state.images[i].record;
        if (other->event == MT_IMAGE_UNLOADED && other->epoch > epoch &&
            other->start < record->end && record->start < other->end)
            epoch = other->epoch;
    }
    return epoch;
}

static void add_locked(struct found_image *found)
{
    uint32_t index = atomic_load(&state.count);
    if (index >= IMAGE_LIMIT || known_at(found->record.start))
        return;
    struct image *image = &state.images[index];
    found->record.epoch = first_epoch(&found->record, index);
    image->record = found->record;
    image->handle = found->handle;
    image->closing_epoch = 0;
    image->end = found->record.end;
    image->content = found->content;
    write_record(&found->record, found->path, found->build_id);
    atomic_store(&image->start, found->record.start);
    atomic_store_explicit(&state.count, index + 1, memory_order_release);
}

/* Writes down that what stood at `image` is there no more. */
static void remove_locked(struct image *image)
{
    if (!atomic_load(&image->start))
        return;
    /* Whoever used the image closed it after its last use; so the newest
     * dlclose of it began after all its stacks, and before those of whatever
     * came next. Its dependencies went with it. */
    image->record.event = MT_IMAGE_UNLOADED;
    image->record.epoch = image->closing_epoch
                              ? image->closing_epoch
                              : atomic_load(&mt_process.page->epoch);
    image->record.ticks = mt_process_instant();
    image->record.path_byte_count = 0;
    image->record.build_id_byte_count = 0;
    atomic_store(&image->start, 0);
    write_record(&image->record, "", NULL);
}

/* `address` is on this thread's stack, so its image stays while we look. An
 * image that was closed since it was recorded may have made way for another,
 * of the same handle even. */
void mt_images_note(uintptr_t address)
{
    struct image *known = known_at(address);
    struct mt_real_image here;
    struct found_image found;
    if ((known && mt_images_epoch() == 0) ||
        !mt_real_find_image(address, &here) ||
        (known && known->handle == here.handle && !known->closing_epoch) ||
        !read_image_at(address, &found))
        return;
    lock();
    if (known && known->content == found.content)
        known->handle = found.handle; /* it went, and came back */
    else if (known)
        remove_locked(known);
    add_locked(&found);
    unlock();
}

static int add_each(struct dl_phdr_info *info, size_t size, void *context)
{
    (void)size;
    (void)context;
    struct found_image found = {.handle = NULL};
    struct mt_real_image here;
    struct mt_program_headers headers = {info->dlpi_phdr, info->dlpi_phnum,
                                         info->dlpi_addr};
    if (!read_image(&headers, info->dlpi_name, &found) ||
        known_at(found.record.start))
        return 0;
    if (mt_real_find_image(found.record.start, &here))
        found.handle = here.handle;
    lock();
    add_locked(&found);
    unlock();
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

uint32_t mt_images_before_unload(const void *handle)
{
    lock();
    uint32_t epoch = atomic_fetch_add(&mt_process.page->epoch, 1) + 1;
    uint32_t count = atomic_load(&state.count);
    for (uint32_t i = 0; i < count; i++)
        if (state.images[i].handle == handle)
            state.images[i].closing_epoch = epoch;
    unlock();
    return epoch;
}

/* By what the loader says alone: images of other threads may go at any moment,
 * and must not be looked into. */
void mt_images_after_unload(void)
{
    lock();
    uint32_t count = atomic_load(&state.count);
    for (uint32_t i = 0; i < count; i++) {
        struct image *image = &state.images[i];
        uintptr_t start = atomic_load(&image->start);
        struct mt_real_image here;
        if (start &&
            (!mt_real_find_image(start, &here) || here.handle != image->handle))
            remove_locked(image);
    }
    unlock();
}
