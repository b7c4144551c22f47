/* SPDX-License-Identifier: Apache-2.0
 *
 * See encode.h. Scratch memory is shared by all threads through a few slots:
 * one for each thread that seals at this moment, not one for each thread.
 */
#include "encode.h"

#include "compact.h"
#include "file_guard.h"
#include "fold.h"
#include "pages.h"
#include "process.h"
#include "trace_file.h"

#include <errno.h>
#include <string.h>

#define SPARE_COUNT 4

/* -------------------------------------------------------- scratch memory */

static _Atomic(uint8_t *) spares[SPARE_COUNT];

/* What a window of `word_count` words may need, as offsets into one mapping. */
struct layout {
    size_t sites, kept, peaks, output, copy, byte_count;
    uint32_t site_table_size, fold_limit;
};

static struct layout layout_for(size_t word_count)
{
    struct layout layout = {
        .site_table_size = 16,
        .fold_limit = (uint32_t)(word_count / MT_FOLD_PAIR_WORDS),
    };
    while (layout.site_table_size < 2 * layout.fold_limit)
        layout.site_table_size *= 2;
    layout.kept = layout.sites + layout.site_table_size * sizeof(uint32_t);
    layout.peaks =
        layout.kept + (word_count / 2 + 1) * sizeof(struct mt_fold_kept);
    layout.output =
        layout.peaks + (word_count / 3 + 1) * sizeof(struct mt_fold_peak);
    /* Each event may have a peak behind it. */
    layout.copy = layout.output + sizeof(struct mt_events) +
                  layout.fold_limit * sizeof(struct mt_fold) +
                  (word_count / 2 + 1) * 2 * MT_COMPACT_BYTE_LIMIT;
    layout.copy = (layout.copy + 7) / 8 * 8;
    layout.byte_count = layout.copy;
    if (mt_file_guard_is_on())
        layout.byte_count += sizeof(struct mt_window) + word_count * 8;
    return layout;
}

static uint8_t *take_scratch(size_t byte_count)
{
    for (size_t i = 0; i < SPARE_COUNT; i++) {
        uint8_t *spare = atomic_exchange(&spares[i], NULL);
        if (spare)
            return spare;
    }
    return mt_pages_map(byte_count);
}

static void give_back_scratch(uint8_t *scratch, size_t byte_count)
{
    for (size_t i = 0; i < SPARE_COUNT && scratch; i++) {
        uint8_t *none = NULL;
        if (atomic_compare_exchange_strong(&spares[i], &none, scratch))
            return;
    }
    mt_pages_unmap(scratch, byte_count);
}

static void count_sealed(const struct mt_fold_scratch *scratch)
{
    uint64_t count = scratch->event_count;
    for (uint32_t i = 0; i < scratch->fold_count; i++)
        count += 2u * (uint64_t)scratch->folds[i].count;
    atomic_fetch_add_explicit(&mt_process.page->sealed_event_count, count,
                              memory_order_relaxed);
}

/* Where a file may be truncated under our hands and grow again, the window is
 * copied first, and the copy looked through: it may have lost its head, or
 * events in its middle. NULL when it has. */
static const struct mt_window *sound_copy(const struct mt_window *window,
                                          size_t committed, uint8_t *memory,
                                          const struct layout *layout)
{
    struct mt_window *copy =
        (struct mt_window *)(void *)(memory + layout->copy);
    memcpy(copy, window, sizeof *copy + committed);
    bool is_sound = copy->chunk.magic == MT_CHUNK_MAGIC &&
                    copy->committed == committed &&
                    mt_fold_is_sound((const uint64_t *)(copy + 1),
                                     committed / 8, layout->fold_limit);
    return is_sound ? copy : NULL;
}

bool mt_encode_and_write(const struct mt_window *window, size_t committed,
                         uint64_t *last_begun)
{
    /* Not as the window itself says, which may have lost it. */
    size_t window_words = (mt_process.options.window_kilobytes * (size_t)1024 -
                           MT_WINDOW_EVENTS_OFFSET) /
                          8;
    struct layout layout = layout_for(window_words);
    uint8_t *memory = take_scratch(layout.byte_count);
    if (!memory) {
        mt_trace_file_stop(ENOMEM);
        return false;
    }
    if (mt_file_guard_is_on())
        window = sound_copy(window, committed, memory, &layout);
    if (!window) {
        give_back_scratch(memory, layout.byte_count);
        mt_trace_file_stop(ENODATA);
        return false;
    }
    const uint64_t *events = (const uint64_t *)(window + 1);
    memset(memory, 0, layout.kept);
    uint8_t *output = memory + layout.output;
    struct mt_events header;
    struct mt_fold_scratch scratch = {
        .sites = (uint32_t *)(void *)(memory + layout.sites),
        .site_mask = layout.site_table_size - 1,
        .kept = (struct mt_fold_kept *)(void *)(memory + layout.kept),
        .peaks = (struct mt_fold_peak *)(void *)(memory + layout.peaks),
        .folds = (struct mt_fold *)(void *)(output + sizeof header),
        .last_begun = *last_begun,
    };
    mt_fold(events, committed / 8, &scratch);
    *last_begun = scratch.last_begun;
    count_sealed(&scratch);

    header = (struct mt_events){
        .thread = window->thread,
        .sequence = window->sequence,
        .ordinal = window->ordinal,
        .event_count = scratch.event_count,
        .fold_count = scratch.fold_count,
        .first_ticks = scratch.first_ticks,
        .last_ticks = scratch.last_ticks,
    };
    memcpy(output, &header, sizeof header);
    uint8_t *end = mt_compact((uint8_t *)(scratch.folds + scratch.fold_count),
                              events, &scratch);

    struct iovec payload = {output, (size_t)(end - output)};
    bool is_written = mt_trace_file_write(MT_CHUNK_EVENTS, &payload, 1);
    give_back_scratch(memory, layout.byte_count);
    return is_written;
}
