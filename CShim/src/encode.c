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

/* Lives in registers: what is written through `output`, byte by byte, might
 * else be the encoder itself to the compiler. */
struct encoder {
    uint8_t *output;
    uint64_t ticks;
    uint64_t begun, ended; /* addresses of the last event that did so */
};

/* Stores all eight bytes and keeps the first `byte_count`: there is always
 * room, and a store of fixed size is one instruction. */
static inline void put(struct encoder *encoder, uint64_t value,
                       unsigned byte_count)
{
    memcpy(encoder->output, &value, sizeof value);
    encoder->output += byte_count;
}

/* 1 to 8: the bytes that `value` needs. */
static inline unsigned byte_length(uint64_t value)
{
    return ((unsigned)__builtin_clzll(value | 1) ^ 63) / 8 + 1;
}

/* 0, 1, 2 or 3 for what fits in 1, 2, 4 or 8 bytes. */
static inline unsigned power_length(uint64_t value)
{
    /* Two bits for each byte length less one. */
    return 0xffa4u >> 2 * (byte_length(value) - 1) & 3;
}

static inline bool is_mapping_begin(unsigned function)
{
    return function == MT_MMAP || function == MT_MREMAP;
}

/* What all events begin with, written behind two bytes for the head; returns
 * the two as one number, to be completed. */
static inline unsigned put_instant_and_address(struct encoder *encoder,
                                               const uint64_t *event,
                                               uint64_t *previous)
{
    uint64_t ticks = event[0] >> MT_RAW_FUNCTION_BITS;
    uint64_t elapsed = ticks - encoder->ticks;
    encoder->ticks = ticks;
    int64_t distance = (int64_t)(event[1] - *previous);
    *previous = event[1];
    bool in_sixteens = (distance & 15) == 0;
    distance >>= in_sixteens ? 4 : 0;
    uint64_t zigzag = (uint64_t)distance << 1 ^ (uint64_t)(distance >> 63);

    unsigned ticks_power = power_length(elapsed);
    unsigned address_length = byte_length(zigzag);
    encoder->output += 2;
    put(encoder, elapsed, 1u << ticks_power);
    put(encoder, zigzag, address_length);
    return (unsigned)(event[0] & FUNCTION_MASK) | (unsigned)in_sixteens << 7 |
           ticks_power << 8 | (address_length - 1) << 10;
}

static inline void put_head(uint8_t *at, unsigned head)
{
    uint16_t bytes = (uint16_t)head;
    memcpy(at, &bytes, sizeof bytes);
}

static inline unsigned put_size(struct encoder *encoder, uint64_t size)
{
    unsigned size_power = power_length(size);
    put(encoder, size, 1u << size_power);
    return size_power << 13;
}

/* How the site of a beginning is written; keeps the site table as the reader
 * will have it. */
static inline unsigned put_site(struct encoder *encoder, struct site *sites,
                                uint32_t stack, uint64_t size)
{
    uint8_t slot = (uint8_t)(stack * MT_SITE_HASH >> 24);
    struct site *site = &sites[slot];
    if (MT_LIKELY(site->stack == stack && site->size == size)) {
        put(encoder, slot, sizeof slot);
        return MT_SITE_SAME << 5;
    }
    unsigned head;
    if (site->stack == stack) {
        put(encoder, slot, sizeof slot);
        head = MT_SITE_STACK << 5;
    } else {
        put(encoder, stack, sizeof stack);
        head = MT_SITE_FULL << 5;
    }
    site->stack = stack;
    site->size = size;
    return head | put_size(encoder, size);
}

static MT_COLD void encode_mapping(struct encoder *encoder, struct site *sites,
                                   const uint64_t *event)
{
    uint8_t *at = encoder->output;
    bool begins = is_mapping_begin((unsigned)(event[0] & FUNCTION_MASK));
    unsigned head = put_instant_and_address(
        encoder, event, begins ? &encoder->begun : &encoder->ended);
    if (begins) {
        head |= put_site(encoder, sites, (uint32_t)event[3], event[2]);
        put(encoder, event[3] >> 32, sizeof(uint16_t));
    } else {
        head |= put_size(encoder, event[2]);
    }
    put_head(at, head);
}

static inline void encode_event(struct encoder *encoder, struct site *sites,
                                const uint64_t *event, bool is_temporary)
{
    uint8_t *at = encoder->output;
    unsigned function = (unsigned)(event[0] & FUNCTION_MASK);
    if (MT_UNLIKELY(mt_fold_is_mapping(function))) {
        struct encoder other = *encoder;
        encode_mapping(&other, sites, event);
        *encoder = other;
    } else if (function & MT_FUNCTION_ENDS) {
        put_head(at, put_instant_and_address(encoder, event, &encoder->ended) |
                         (unsigned)is_temporary << 15);
    } else {
        unsigned head =
            put_instant_and_address(encoder, event, &encoder->begun);
        head |= put_site(encoder, sites, (uint32_t)event[2],
                         mt_fold_block_size(event));
        put_head(at, head);
    }
}

static inline void encode_peak(struct encoder *encoder, uint64_t ticks,
                               uint64_t fold_bytes)
{
    uint8_t *at = encoder->output;
    uint64_t elapsed = ticks - encoder->ticks;
    unsigned ticks_power = power_length(elapsed);
    encoder->ticks = ticks;
    encoder->output += 2;
    put(encoder, elapsed, 1u << ticks_power);
    put_head(at,
             MT_FOLD_PEAK | ticks_power << 8 | put_size(encoder, fold_bytes));
}

/* Encodes what is not folded; returns the end of the output. A peak stands
 * behind its event. */
static uint8_t *encode_kept(uint8_t *output, const uint64_t *events,
                            const struct mt_fold_scratch *scratch)
{
    struct site sites[MT_SITE_SLOT_COUNT] = {0};
    struct encoder encoder = {.output = output, .ticks = scratch->first_ticks};
    const struct mt_fold_peak *peak = scratch->peaks;
    const struct mt_fold_peak *no_peak = peak + scratch->peak_count;
    const struct mt_fold_kept *kept = scratch->kept;
    const struct mt_fold_kept *no_kept = kept + scratch->kept_count;
    for (;; kept++) {
        size_t at = kept < no_kept ? kept->at : SIZE_MAX;
        for (; peak < no_peak && peak->at < at; peak++)
            encode_peak(&encoder, events[peak->at] >> MT_RAW_FUNCTION_BITS,
                        peak->fold_bytes);
        if (kept == no_kept)
            return encoder.output;
        encode_event(&encoder, sites, events + at, kept->is_temporary);
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
    uint8_t *end = encode_kept((uint8_t *)(scratch.folds + scratch.fold_count),
                               events, &scratch);

    struct iovec payload = {output, (size_t)(end - output)};
    bool is_written = mt_trace_file_write(MT_CHUNK_EVENTS, &payload, 1);
    give_back_scratch(memory, layout.byte_count);
    return is_written;
}
