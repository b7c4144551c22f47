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

#define FUNCTION_MASK (MT_RAW_OWN_BIT - 1)
#define SITE_TABLE_SIZE 2048u /* folds of up to 1023 different sites */
#define SPARE_COUNT 4
/* No encoded event is longer: 2 + 8 ticks + 8 address + 4 stack + 8 size + 2. */
#define ENCODED_BYTE_LIMIT 32

/* -------------------------------------------------------- scratch memory */

static _Atomic(uint8_t *) spares[SPARE_COUNT];

struct layout {
    size_t blocks, sites, marks, folds, peaks, output, byte_count;
    uint32_t block_count;
};

/* One mapping for everything that a window of `word_count` words may need;
 * what is cleared for each window comes first. */
static struct layout layout_for(size_t word_count)
{
    struct layout layout = {.block_count = 16};
    while (layout.block_count < word_count * 2 / 3)
        layout.block_count *= 2;
    layout.sites = layout.block_count * sizeof(uint32_t);
    layout.marks = layout.sites + SITE_TABLE_SIZE * sizeof(uint32_t);
    layout.folds = layout.marks + word_count * sizeof(uint32_t);
    layout.folds = (layout.folds + 7) / 8 * 8;
    layout.peaks = layout.folds + SITE_TABLE_SIZE / 2 * sizeof(struct mt_fold);
    layout.output =
        layout.peaks + (word_count / 2 + 1) * sizeof(struct mt_fold_peak);
    /* Each event may have a peak behind it. */
    layout.byte_count = layout.output + sizeof(struct mt_events) +
                        SITE_TABLE_SIZE / 2 * sizeof(struct mt_fold) +
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

static bool is_mapping_event(unsigned function)
{
    return is_mapping_begin(function) || function == MT_MUNMAP ||
           function == MT_MREMAP_UNMAP;
}

static bool ends_block(const uint64_t *event)
{
    unsigned function = (unsigned)(event[0] & FUNCTION_MASK);
    return function & MT_FUNCTION_ENDS && !is_mapping_event(function);
}

/* The block that `event` begins, or 0. */
static uint64_t begun_block(const uint64_t *event)
{
    unsigned function = (unsigned)(event[0] & FUNCTION_MASK);
    return function & MT_FUNCTION_ENDS || is_mapping_event(function) ? 0
                                                                     : event[1];
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

static void find_span(const uint64_t *events, size_t word_count,
                      struct mt_events *header)
{
    header->first_ticks = UINT64_MAX;
    for (size_t at = 0; at < word_count;) {
        uint64_t ticks = events[at] >> MT_RAW_FUNCTION_BITS;
        if (ticks < header->first_ticks)
            header->first_ticks = ticks;
        if (ticks > header->last_ticks)
            header->last_ticks = ticks;
        at += mt_fold_event_word_count(events + at);
    }
}

/* Encodes what is not folded; `last_begun` is the window's. Returns what the
 * window's is to be from now on. */
static uint64_t encode_kept(struct encoder *encoder, const uint64_t *events,
                            size_t word_count,
                            const struct mt_fold_scratch *scratch,
                            uint64_t last_begun, struct mt_events *header)
{
    const struct mt_fold_peak *peak = scratch->peaks;
    const struct mt_fold_peak *no_peak = peak + scratch->peak_count;
    encoder->ticks = header->first_ticks;
    for (size_t at = 0; at < word_count;) {
        const uint64_t *event = events + at;
        if (!mt_fold_is_folded(scratch->marks[at])) {
            encode_event(encoder, event,
                         ends_block(event) && event[1] == last_begun);
            header->event_count++;
        }
        if (peak < no_peak && peak->at == at)
            encode_peak(encoder, event[0] >> MT_RAW_FUNCTION_BITS,
                        peak++->fold_bytes);
        last_begun = begun_block(event);
        at += mt_fold_event_word_count(event);
    }
    return last_begun;
}

bool mt_encode_and_write(const struct mt_window *window, size_t committed,
                         uint64_t *last_begun)
{
    size_t window_words =
        (window->chunk.byte_count - MT_WINDOW_EVENTS_OFFSET) / 8;
    size_t word_count = committed / 8;
    const uint64_t *events = (const uint64_t *)(window + 1);
    struct layout layout = layout_for(window_words);
    uint8_t *memory = take_scratch(layout.byte_count);
    if (!memory) {
        mt_trace_file_stop(ENOMEM);
        return false;
    }
    memset(memory, 0, layout.marks + word_count * sizeof(uint32_t));
    struct mt_fold_scratch scratch = {
        .blocks = (uint32_t *)(void *)memory,
        .block_mask = layout.block_count - 1,
        .sites = (uint32_t *)(void *)(memory + layout.sites),
        .site_mask = SITE_TABLE_SIZE - 1,
        .marks = (uint32_t *)(void *)(memory + layout.marks),
        .folds = (struct mt_fold *)(void *)(memory + layout.folds),
        .peaks = (struct mt_fold_peak *)(void *)(memory + layout.peaks),
    };
    if (mt_process.options.fold)
        mt_fold(events, word_count, &scratch);

    struct mt_events header = {
        .thread = window->thread,
        .sequence = window->sequence,
        .ordinal = window->ordinal,
        .fold_count = scratch.fold_count,
    };
    find_span(events, word_count, &header);
    uint8_t *output = memory + layout.output;
    size_t fold_bytes = scratch.fold_count * sizeof(struct mt_fold);
    memcpy(output + sizeof header, scratch.folds, fold_bytes);

    struct encoder encoder = {.output = output + sizeof header + fold_bytes};
    *last_begun = encode_kept(&encoder, events, word_count, &scratch,
                              window->last_begun, &header);
    memcpy(output, &header, sizeof header);

    struct iovec payload = {output, (size_t)(encoder.output - output)};
    bool is_written = mt_trace_file_write(MT_CHUNK_EVENTS, &payload, 1);
    give_back_scratch(memory, layout.byte_count);
    return is_written;
}
