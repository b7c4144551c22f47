/* SPDX-License-Identifier: Apache-2.0
 *
 * See code_names.h.
 */
#include "code_names.h"

#include "process.h"
#include "trace_file.h"

#include <string.h>

#define CHUNK_BYTE_COUNT 65536u
#define RECORD_BYTE_LIMIT 4096u

static struct {
    struct mt_code_names *chunk;
    uint32_t count;
} state;

void mt_code_names_abandon(void)
{
    mt_trace_file_unmap_chunk(state.chunk, CHUNK_BYTE_COUNT);
    state.chunk = NULL;
    state.count = 0;
}

static bool next_chunk(void)
{
    /* A full chunk needs no mapping any more; the file has it. */
    mt_trace_file_unmap_chunk(state.chunk, CHUNK_BYTE_COUNT);
    state.chunk =
        mt_trace_file_map_chunk(MT_CHUNK_CODE_NAMES, CHUNK_BYTE_COUNT);
    if (!state.chunk)
        return false;
    state.chunk->ordinal = ++state.count;
    return true;
}

static bool append_record(const char *text, uint32_t byte_count)
{
    size_t padded = (byte_count + 7u) / 8 * 8;
    size_t needed = sizeof(struct mt_code_name) + padded;
    if ((!state.chunk || state.chunk->committed + needed >
                             CHUNK_BYTE_COUNT - sizeof *state.chunk) &&
        !next_chunk())
        return false;
    uint64_t committed = state.chunk->committed;
    char *place = (char *)(state.chunk + 1) + committed;
    struct mt_code_name record = {
        .ticks = mt_process_instant(),
        .byte_count = byte_count,
    };
    memcpy(place, &record, sizeof record);
    memcpy(place + sizeof record, text, byte_count);
    /* Release: partner of TraceFile's reading of this chunk. */
    atomic_store_explicit((_Atomic uint64_t *)&state.chunk->committed,
                          committed + needed, memory_order_release);
    return true;
}

void mt_code_names_append(const char *text, size_t byte_count)
{
    while (byte_count > 0) {
        size_t piece =
            byte_count < RECORD_BYTE_LIMIT ? byte_count : RECORD_BYTE_LIMIT;
        if (!append_record(text, (uint32_t)piece))
            return;
        text += piece;
        byte_count -= piece;
    }
}
