/* SPDX-License-Identifier: Apache-2.0
 *
 * See encode.h. Scratch memory is shared by all threads through a few slots:
 * one for each thread that seals at this moment, not one for each thread.
 */
#include "encode.h"

#include "fold.h"
#include "pages.h"
#include "process.h"
#include "trace_file.h"

#include <errno.h>
#include <string.h>

#define FUNCTION_MASK (MT_RAW_PAIRED_BIT - 1)
#define SPARE_COUNT 4
/* No encoded event is longer: 2 + 8 ticks + 8 address + 4 stack + 8 size + 2. */
#define ENCODED_BYTE_LIMIT 32

/* -------------------------------------------------------- scratch memory */

static _Atomic(uint8_t *) spares[SPARE_COUNT];

/* What a window of `word_count` words may need, as offsets into one mapping. */
struct layout {
    size_t sites, kept, peaks, output, byte_count;
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
    layout.byte_count = layout.output + sizeof(struct mt_events) +
                        layout.fold_limit * sizeof(struct mt_fold) +
                        (word_count / 2 + 1) * 2 * ENCODED_BYTE_LIMIT;
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

/* -------------------------------------------------------------- encoding */

struct site {
    uint32_t stack;
    uint64_t size;
};

struct encoder {
    uint8_t *output;
    uint64_t ticks;
    uint64_t addresses[2]; /* of the last event that began, that ended */
    struct site sites[MT_SITE_SLOT_COUNT];
};

/* Stores all eight bytes and keeps the first `byte_count`: there is always
 * room, and a store of fixed size is one instruction. */
static void put(struct encoder *encoder, uint64_t value, unsigned byte_count)
{
    memcpy(encoder->output, &value, sizeof value);
    encoder->output += byte_count;
}

/* 0, 1, 2 or 3 for what fits in 1, 2, 4 or 8 bytes. */
static unsigned power_length(uint64_t value)
{
    return (unsigned)(value > 0xff) + (value > 0xffff) + (value > 0xffffffff);
}

/* 1 to 8: the bytes that `value` needs. */
static unsigned byte_length(uint64_t value)
{
    return 8 - (unsigned)__builtin_clzll(value | 1) / 8;
}

static bool is_mapping_begin(unsigned function)
{
    return function == MT_MMAP || function == MT_MREMAP;
}

/* Chooses how the site of a beginning is written, and keeps the site table as
 * the reader will have it. */
static enum mt_site_mode site_mode(struct encoder *encoder, uint32_t stack,
                                   uint64_t size, uint8_t *slot)
{
    *slot = (uint8_t)(stack * MT_SITE_HASH >> 24);
    struct site *site = &encoder->sites[*slot];
    enum mt_site_mode mode = site->stack != stack ? MT_SITE_FULL
                             : site->size == size ? MT_SITE_SAME
                                                  : MT_SITE_STACK;
    site->stack = stack;
    site->size = size;
    return mode;
}

static void encode_event(struct encoder *encoder, const uint64_t *event,
                         bool is_temporary)
{
    unsigned function = (unsigned)(event[0] & FUNCTION_MASK);
    uint64_t ticks = event[0] >> MT_RAW_FUNCTION_BITS;
    bool ends = function & MT_FUNCTION_ENDS;

    uint64_t elapsed = ticks - encoder->ticks;
    encoder->ticks = ticks;
    int64_t distance = (int64_t)(event[1] - encoder->addresses[ends]);
    encoder->addresses[ends] = event[1];
    bool in_sixteens = (distance & 15) == 0;
    if (in_sixteens)
        distance /= 16;
    uint64_t zigzag = (uint64_t)distance << 1 ^ (uint64_t)(distance >> 63);

    unsigned ticks_power = power_length(elapsed);
    unsigned address_length = byte_length(zigzag);
    uint8_t *head = encoder->output;
    encoder->output += 2;
    put(encoder, elapsed, 1u << ticks_power);
    put(encoder, zigzag, address_length);

    unsigned mode = 0, size_power = 0;
    bool has_size = function == MT_MUNMAP || function == MT_MREMAP_UNMAP;
    uint64_t size = has_size ? event[2] : 0;
    if (!ends) {
        bool is_mapping = is_mapping_begin(function);
        uint32_t stack = (uint32_t)event[is_mapping ? 3 : 2];
        size = mt_fold_event_size(event);
        uint8_t slot;
        mode = site_mode(encoder, stack, size, &slot);
        if (mode == MT_SITE_FULL)
            put(encoder, stack, sizeof stack);
        else
            put(encoder, slot, sizeof slot);
        has_size = mode != MT_SITE_SAME;
    }
    if (has_size) {
        size_power = power_length(size);
        put(encoder, size, 1u << size_power);
    }
    if (is_mapping_begin(function))
        put(encoder, event[3] >> 32, sizeof(uint16_t));

    head[0] = (uint8_t)(function | mode << 5 | (unsigned)in_sixteens << 7);
    head[1] = (uint8_t)(ticks_power | (address_length - 1) << 2 |
                        size_power << 5 | (unsigned)is_temporary << 7);
}

static void encode_peak(struct encoder *encoder, uint64_t ticks,
                        uint64_t fold_bytes)
{
    uint64_t elapsed = ticks - encoder->ticks;
    unsigned ticks_power = power_length(elapsed);
    unsigned size_power = power_length(fold_bytes);
    encoder->ticks = ticks;
    *encoder->output++ = MT_FOLD_PEAK;
    *encoder->output++ = (uint8_t)(ticks_power | size_power << 5);
    put(encoder, elapsed, 1u << ticks_power);
    put(encoder, fold_bytes, 1u << size_power);
}

/* Encodes what is not folded. */
static void encode_kept(struct encoder *encoder, const uint64_t *events,
                        const struct mt_fold_scratch *scratch)
{
    const struct mt_fold_peak *peak = scratch->peaks;
    const struct mt_fold_peak *no_peak = peak + scratch->peak_count;
    const struct mt_fold_kept *kept = scratch->kept;
    const struct mt_fold_kept *no_kept = kept + scratch->kept_count;
    encoder->ticks = scratch->first_ticks;
    while (kept < no_kept || peak < no_peak) {
        /* A peak stands behind its event. */
        if (kept < no_kept && (peak == no_peak || kept->at <= peak->at)) {
            encode_event(encoder, events + kept->at, kept->is_temporary);
            kept++;
        } else {
            encode_peak(encoder, events[peak->at] >> MT_RAW_FUNCTION_BITS,
                        peak->fold_bytes);
            peak++;
        }
    }
}

static void count_sealed(const struct mt_fold_scratch *scratch)
{
    uint64_t count = scratch->kept_count;
    for (uint32_t i = 0; i < scratch->fold_count; i++)
        count += 2u * (uint64_t)scratch->folds[i].count;
    atomic_fetch_add_explicit(&mt_process.page->sealed_event_count, count,
                              memory_order_relaxed);
}

bool mt_encode_and_write(const struct mt_window *window, size_t committed,
                         uint64_t *last_begun)
{
    size_t window_words =
        (window->chunk.byte_count - MT_WINDOW_EVENTS_OFFSET) / 8;
    const uint64_t *events = (const uint64_t *)(window + 1);
    struct layout layout = layout_for(window_words);
    uint8_t *memory = take_scratch(layout.byte_count);
    if (!memory) {
        mt_trace_file_stop(ENOMEM);
        return false;
    }
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
        .event_count = scratch.kept_count,
        .fold_count = scratch.fold_count,
        .first_ticks = scratch.first_ticks,
        .last_ticks = scratch.last_ticks,
    };
    memcpy(output, &header, sizeof header);
    struct encoder encoder = {
        .output = (uint8_t *)(scratch.folds + scratch.fold_count)};
    encode_kept(&encoder, events, &scratch);

    struct iovec payload = {output, (size_t)(encoder.output - output)};
    bool is_written = mt_trace_file_write(MT_CHUNK_EVENTS, &payload, 1);
    give_back_scratch(memory, layout.byte_count);
    return is_written;
}
