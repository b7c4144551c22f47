/* SPDX-License-Identifier: Apache-2.0
 *
 * See compact.h. Every function here is on the way of every event that is kept.
 */
#include "compact.h"

#include <string.h>

#define FUNCTION_MASK (MT_RAW_PAIRED_BIT - 1)

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
    /* Of the last event, as far as the next may repeat it: */
    uint64_t step;    /* from the address before to its own */
    uint64_t site;    /* its third word; 0 if it ended something */
    uint8_t function; /* MT_RUN: it is not to be repeated */
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
    encoder->step = (uint64_t)distance;
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

static inline void encode_end(struct encoder *encoder, const uint64_t *event,
                              bool is_temporary)
{
    uint8_t *at = encoder->output;
    put_head(at, put_instant_and_address(encoder, event, &encoder->ended) |
                     (unsigned)is_temporary << 15);
    encoder->site = 0;
}

static inline void encode_begin(struct encoder *encoder, struct site *sites,
                                const uint64_t *event)
{
    uint8_t *at = encoder->output;
    unsigned head = put_instant_and_address(encoder, event, &encoder->begun);
    head |=
        put_site(encoder, sites, (uint32_t)event[2], mt_fold_block_size(event));
    put_head(at, head);
    encoder->site = event[2];
}

/* `count` events like the last; the first comes `elapsed` later. */
static inline void encode_run(struct encoder *encoder, uint64_t elapsed,
                              size_t count)
{
    while (count) {
        size_t part = count < MT_RUN_LIMIT ? count : MT_RUN_LIMIT;
        uint8_t *at = encoder->output;
        unsigned ticks_power = power_length(elapsed);
        encoder->output += 2;
        put(encoder, elapsed, 1u << ticks_power);
        put_head(at, MT_RUN | ticks_power << 5 | (unsigned)(part - 1) << 8);
        count -= part;
        elapsed = 0;
    }
}

/* One event or a run of them. What the last event foretells is not written out
 * again, so that runs are joined where the clock alone has cut them. */
static inline void encode_blocks(struct encoder *encoder, struct site *sites,
                                 const uint64_t *event,
                                 struct mt_fold_kept kept)
{
    unsigned function = (unsigned)(event[0] & FUNCTION_MASK);
    bool is_end = function & MT_FUNCTION_ENDS;
    size_t word_count = is_end ? 2 : 3, left = kept.count;
    uint64_t *last = is_end ? &encoder->ended : &encoder->begun;
    uint64_t site = is_end ? 0 : event[2];
    bool is_alone = kept.is_temporary || site >> 32 == MT_RAW_SIZE_FOLLOWS;
    while (left) {
        if (encoder->function == function && encoder->site == site &&
            !is_alone && event[1] - *last == encoder->step &&
            (left == 1 || event[word_count + 1] - event[1] == encoder->step)) {
            uint64_t ticks = event[0] >> MT_RAW_FUNCTION_BITS;
            encode_run(encoder, ticks - encoder->ticks, left);
            encoder->ticks = ticks;
            *last = event[1] + encoder->step * (left - 1);
            return;
        }
        if (is_end)
            encode_end(encoder, event, kept.is_temporary);
        else
            encode_begin(encoder, sites, event);
        encoder->function = is_alone ? MT_RUN : (uint8_t)function;
        event += word_count;
        left--;
    }
}

static inline void encode_kept_events(struct encoder *encoder,
                                      struct site *sites, const uint64_t *event,
                                      struct mt_fold_kept kept)
{
    if (MT_UNLIKELY(mt_fold_is_mapping((unsigned)(event[0] & FUNCTION_MASK)))) {
        struct encoder other = *encoder;
        encode_mapping(&other, sites, event);
        *encoder = other;
        encoder->function = MT_RUN;
    } else {
        encode_blocks(encoder, sites, event, kept);
    }
}

static inline void encode_peak(struct encoder *encoder, uint64_t ticks,
                               uint64_t fold_bytes)
{
    uint8_t *at = encoder->output;
    uint64_t elapsed = ticks - encoder->ticks;
    unsigned ticks_power = power_length(elapsed);
    encoder->ticks = ticks;
    encoder->function = MT_RUN;
    encoder->output += 2;
    put(encoder, elapsed, 1u << ticks_power);
    put_head(at,
             MT_FOLD_PEAK | ticks_power << 8 | put_size(encoder, fold_bytes));
}

/* A peak stands behind its event. */
uint8_t *mt_compact(uint8_t *output, const uint64_t *events,
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
        encode_kept_events(&encoder, sites, events + at, *kept);
    }
}
