/* SPDX-License-Identifier: Apache-2.0
 *
 * What a language runtime tells: whole chunks with the instant of the call,
 * many collections in several chunks, and nothing when nothing is recorded.
 */
#include "check.h"
#include "checksum.h"
#include "runtime.h"
#include "trace_descriptor.h"
#include "trace_file.h"

#include <errno.h>

#define COLLECTION_COUNT (2 * MT_RUNTIME_GC_BATCH + 7)

/* Reads the sealed chunk at `offset` into `payload`; returns its header. */
static struct mt_chunk_header read_chunk(uint64_t offset, void *payload,
                                         size_t byte_limit)
{
    struct mt_chunk_header header = {0};
    int file = mt_trace_descriptor();
    CHECK(pread(file, &header, sizeof header, (off_t)offset) == sizeof header);
    CHECK(header.magic == MT_CHUNK_MAGIC && header.offset == offset);
    CHECK(header.payload_byte_count <= byte_limit);
    if (header.payload_byte_count <= byte_limit)
        CHECK(pread(file, payload, header.payload_byte_count,
                    (off_t)(offset + sizeof header)) ==
              header.payload_byte_count);
    CHECK(header.checksum ==
          mt_checksum(payload, header.payload_byte_count,
                      offset ^ (uint64_t)header.kind ^
                          (uint64_t)header.payload_byte_count << 32));
    return header;
}

static void memory_is_written_with_the_instant_of_the_call(void)
{
    struct mt_js_memory memory = {
        .clock = {1, 2, 3}, /* not read */
        .heap_used_byte_count = 77,
        .thread_id = 5,
        .reserved = 9,
    };
    struct mt_js_memory written = {0};
    uint64_t before = mt_clock_now(&mt_process.clock);
    uint64_t offset = mt_trace_file_header()->end_offset;
    errno = 123;
    CHECK(mt_runtime_write_memory(&memory));
    CHECK(errno == 123);
    struct mt_chunk_header header =
        read_chunk(offset, &written, sizeof written);
    CHECK(header.kind == MT_CHUNK_JS_MEMORY);
    CHECK(header.payload_byte_count == sizeof written);
    CHECK(written.heap_used_byte_count == 77 && written.thread_id == 5);
    CHECK(written.reserved == 0);
    CHECK(written.clock.ticks >= before &&
          written.clock.ticks <= mt_clock_now(&mt_process.clock));
}

static void collections_come_in_batches(void)
{
    static struct mt_gc collections[COLLECTION_COUNT];
    static struct mt_gc written[MT_RUNTIME_GC_BATCH];
    for (size_t i = 0; i < COLLECTION_COUNT; i++)
        collections[i] = (struct mt_gc){.start = i, .kind = MT_GC_MINOR};
    uint64_t offset = mt_trace_file_header()->end_offset;
    CHECK(mt_runtime_write_gc(collections, 0));
    CHECK(mt_trace_file_header()->end_offset == offset);
    CHECK(mt_runtime_write_gc(collections, COLLECTION_COUNT));
    size_t count = 0;
    while (offset < mt_trace_file_header()->end_offset) {
        struct mt_chunk_header header =
            read_chunk(offset, written, sizeof written);
        CHECK(header.kind == MT_CHUNK_GC);
        for (size_t i = 0; i < header.payload_byte_count / sizeof *written; i++)
            count += written[i].start == count;
        offset += header.byte_count;
    }
    CHECK(count == COLLECTION_COUNT);
}

static void nothing_is_written_when_nothing_is_recorded(void)
{
    struct mt_js_memory memory = {.heap_used_byte_count = 1};
    struct mt_gc collection = {.start = 1};
    CHECK(mt_process_stop());
    uint64_t offset = mt_trace_file_header()->end_offset;
    CHECK(!mt_runtime_write_memory(&memory));
    CHECK(!mt_runtime_write_gc(&collection, 1));
    CHECK(mt_trace_file_header()->end_offset == offset);
}

int main(void)
{
    check_enter_directory();
    char path[4096];
    CHECK(getcwd(path, sizeof path - 16) != NULL);
    strcat(path, "/trace.bin");
    check_pretend_recording();
    CHECK(mt_trace_file_create(path, false, &mt_process.clock, 65536));
    memory_is_written_with_the_instant_of_the_call();
    collections_come_in_batches();
    nothing_is_written_when_nothing_is_recorded();
    check_leave_directory();
    return check_summary();
}
