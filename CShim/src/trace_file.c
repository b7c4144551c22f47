/* SPDX-License-Identifier: Apache-2.0
 *
 * See trace_file.h.
 */
#include "trace_file.h"

#include "checksum.h"
#include "descriptor.h"
#include "file_guard.h"
#include "message.h"
#include "pages.h"
#include "process.h"
#include "trace_descriptor.h"
#include "trace_path.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/fs.h>
#include <linux/magic.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <unistd.h>

#define CREATE_ATTEMPTS 8

unsigned mt_trace_file_failing_growth;

static struct {
    struct mt_file_header *header;
    struct mt_clock_state clock;
    _Atomic uint64_t end_offset; /* behind what this process has reserved */
    char path[PATH_MAX];
} state;

const char *mt_trace_file_path(void)
{
    return state.path;
}

struct mt_file_header *mt_trace_file_header(void)
{
    return state.header;
}

/* Words of the header are plain integers to the reader and atomics to us. */
static _Atomic uint64_t *shared(uint64_t *word)
{
    return (_Atomic uint64_t *)word;
}

/* ---------------------------------------------------------------- growth */

/* Whether the file may grow to `end`. Beyond RLIMIT_FSIZE the kernel would
 * not only refuse but send SIGXFSZ, which kills. */
static int growth_error(uint64_t end)
{
    if (mt_trace_file_failing_growth && !--mt_trace_file_failing_growth)
        return ENOSPC;
    struct rlimit limit;
    if (!getrlimit(RLIMIT_FSIZE, &limit) && limit.rlim_cur != RLIM_INFINITY &&
        end > limit.rlim_cur)
        return EFBIG;
    return 0;
}

static void note_reserved(uint64_t end)
{
    uint64_t old = atomic_load(&state.end_offset);
    while (old < end &&
           !atomic_compare_exchange_weak(&state.end_offset, &old, end))
        ;
}

/* Takes `byte_count` bytes at the end of the file, on a multiple of
 * `alignment`. Other processes reserve in the same word (memtrace mark). An
 * errno when the word has gone back: the header reads as zeros once the file has
 * been truncated, and what would be reserved then are our own windows. */
static int reserve(uint64_t byte_count, uint64_t alignment, uint64_t *place)
{
    uint64_t reserved = atomic_load(&state.end_offset);
    _Atomic uint64_t *end = shared(&state.header->end_offset);
    uint64_t old = atomic_load_explicit(end, memory_order_relaxed);
    uint64_t offset;
    do
        offset = (old + alignment - 1) / alignment * alignment;
    while (!atomic_compare_exchange_weak_explicit(
        end, &old, offset + byte_count, memory_order_relaxed,
        memory_order_relaxed));
    if (offset < reserved)
        return ENODATA;
    note_reserved(offset + byte_count);
    *place = offset;
    return 0;
}

/* Makes disk space certain, so that no store to the mapping can end in a
 * SIGBUS; by zeros where the file system has no fallocate. */
static int allocate(int descriptor, uint64_t offset, size_t byte_count)
{
    if (!mt_descriptor_allocate(descriptor, offset, byte_count))
        return 0;
    if (errno != EOPNOTSUPP && errno != ENOSYS)
        return errno;
    static char zeros[4096];
    struct iovec piece = {zeros, sizeof zeros};
    for (size_t done = 0; done < byte_count; done += sizeof zeros)
        if (mt_descriptor_write_at(descriptor, &piece, 1, offset + done) !=
            (ssize_t)sizeof zeros)
            return errno ? errno : ENOSPC;
    return 0;
}

/* Whether somebody else has written behind what is ours; or another thread has
 * allocated its piece first. */
static bool is_written_behind(int descriptor, uint64_t offset)
{
    struct stat status;
    return !fstat(descriptor, &status) && (uint64_t)status.st_size > offset;
}

static struct mt_chunk_header chunk_header(enum mt_chunk_kind kind,
                                           uint64_t offset, size_t byte_count,
                                           size_t payload_byte_count)
{
    return (struct mt_chunk_header){
        .magic = MT_CHUNK_MAGIC,
        .kind = (uint16_t)kind,
        .byte_count = (uint32_t)byte_count,
        .payload_byte_count = (uint32_t)payload_byte_count,
        .offset = offset,
    };
}

/* The checksum covers the parts as if they were one. When there is more than
 * one the chunk is rare, so they are put together first; false without memory
 * for that. */
#define SMALL_BYTE_COUNT 512
static bool checksum_of(const struct iovec *parts, size_t part_count,
                        size_t byte_count, uint64_t seed, uint64_t *checksum)
{
    if (part_count == 1) {
        *checksum = mt_checksum(parts[0].iov_base, byte_count, seed);
        return true;
    }
    char few[SMALL_BYTE_COUNT];
    bool is_small = byte_count <= sizeof few;
    char *together = is_small ? few : mt_pages_map(byte_count);
    if (!together)
        return false;
    size_t length = 0;
    for (size_t i = 0; i < part_count; i++) {
        memcpy(together + length, parts[i].iov_base, parts[i].iov_len);
        length += parts[i].iov_len;
    }
    *checksum = mt_checksum(together, length, seed);
    if (!is_small)
        mt_pages_unmap(together, byte_count);
    return true;
}

#define MAXIMUM_PARTS 6

bool mt_trace_file_write(enum mt_chunk_kind kind, const struct iovec *parts,
                         size_t part_count)
{
    static const char padding[MT_CHUNK_ALIGNMENT];
    struct iovec pieces[MAXIMUM_PARTS + 2];
    size_t payload = 0;
    for (size_t i = 0; i < part_count; i++) {
        pieces[i + 1] = parts[i];
        payload += parts[i].iov_len;
    }
    size_t used = sizeof(struct mt_chunk_header) + payload;
    size_t byte_count = (used + MT_CHUNK_ALIGNMENT - 1) / MT_CHUNK_ALIGNMENT *
                        MT_CHUNK_ALIGNMENT;

    struct mt_descriptor_use use;
    int descriptor = mt_trace_descriptor_begin_use(&use);
    int error = descriptor < 0 ? EBADF : 0;
    uint64_t offset;
    if (!error)
        error = reserve(byte_count, MT_CHUNK_ALIGNMENT, &offset);
    if (!error) {
        struct mt_chunk_header header =
            chunk_header(kind, offset, byte_count, payload);
        if (!checksum_of(parts, part_count, payload,
                         offset ^ (uint64_t)kind ^
                             (uint64_t)header.payload_byte_count << 32,
                         &header.checksum))
            error = ENOMEM;
        pieces[0] = (struct iovec){&header, sizeof header};
        pieces[part_count + 1] =
            (struct iovec){(void *)(uintptr_t)padding, byte_count - used};
        if (!error)
            error = growth_error(offset + byte_count);
        if (!error) {
            errno = 0;
            ssize_t written = mt_descriptor_write_at(
                descriptor, pieces, (int)part_count + 2, offset);
            if (written != (ssize_t)byte_count)
                error = errno ? errno : ENOSPC;
        }
    }
    mt_trace_descriptor_end_use(&use);
    if (error)
        mt_trace_file_stop(error);
    return !error;
}

void *mt_trace_file_map_chunk(enum mt_chunk_kind kind, size_t byte_count)
{
    struct mt_descriptor_use use;
    void *chunk = NULL;
    int descriptor = mt_trace_descriptor_begin_use(&use);
    int error = descriptor < 0 ? EBADF : 0;
    uint64_t offset;
    if (!error)
        error = reserve(byte_count, (uint64_t)sysconf(_SC_PAGESIZE), &offset);
    if (!error) {
        error = growth_error(offset + byte_count);
        bool may_be_dirty = is_written_behind(descriptor, offset);
        if (!error)
            error = allocate(descriptor, offset, byte_count);
        if (!error) {
            chunk = mt_pages_map_file(descriptor, offset, byte_count);
            error = chunk ? 0 : ENOMEM;
        }
        if (chunk)
            mt_file_guard_add(chunk, byte_count);
        if (chunk && may_be_dirty)
            memset(chunk, 0, byte_count); /* a live chunk begins as zeros */
        if (chunk)
            *(struct mt_chunk_header *)chunk =
                chunk_header(kind, offset, byte_count,
                             byte_count - sizeof(struct mt_chunk_header));
    }
    mt_trace_descriptor_end_use(&use);
    if (error)
        mt_trace_file_stop(error);
    return chunk;
}

void mt_trace_file_unmap_chunk(void *chunk, size_t byte_count)
{
    if (mt_file_guard_remove(chunk))
        mt_pages_unmap(chunk, byte_count);
}

/* ------------------------------------------------------------ life cycle */

static int open_new(const char *path, bool is_descendant)
{
    for (int attempt = 0; attempt < CREATE_ATTEMPTS; attempt++) {
        int error = mt_trace_path_retire(path, is_descendant, getpid());
        if (error) {
            errno = error;
            return -1;
        }
        int descriptor =
            mt_descriptor_open(path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW);
        if (descriptor >= 0 || errno != EEXIST)
            return descriptor;
    }
    return -1;
}

/* Where every rewritten page goes to a new place (btrfs), a full disk would make
 * a store to the mapping a SIGBUS, whatever was allocated before. The file is
 * still empty, and can be told to stay in its place. */
static void keep_in_place(int descriptor)
{
    struct statfs status;
    int flags = 0;
    if (!fstatfs(descriptor, &status) && status.f_type == BTRFS_SUPER_MAGIC &&
        !ioctl(descriptor, FS_IOC_GETFLAGS, &flags)) {
        flags |= FS_NOCOW_FL;
        ioctl(descriptor, FS_IOC_SETFLAGS, &flags);
    }
}

static void fill_header(struct mt_file_header *header, size_t window_byte_count)
{
    header->version = MT_FORMAT_VERSION;
    header->byte_order = MT_BYTE_ORDER_MARK;
    header->machine = EM_X86_64;
    header->clock = state.clock.kind;
    header->pid = (uint32_t)getpid();
    header->parent_pid = (uint32_t)getppid();
    header->start_ticks = state.clock.start_ticks;
    header->clock_pairs[0] = mt_clock_pair_now(&state.clock);
    header->clock_pairs[1] = header->clock_pairs[0];
    header->window_byte_count = (uint32_t)window_byte_count;
    header->stacks_byte_count = MT_STACKS_BYTE_COUNT;
    header->end_offset = MT_FILE_HEADER_BYTE_COUNT;
    header->state = MT_STATE_RECORDING;
    /* Last: a file with the magic has a whole header. */
    atomic_thread_fence(memory_order_release);
    memcpy(header->magic, MT_FILE_MAGIC, MT_FILE_MAGIC_BYTE_COUNT);
}

bool mt_trace_file_create(const char *path, bool is_descendant,
                          const struct mt_clock_state *clock,
                          size_t window_byte_count)
{
    int error = growth_error(MT_FILE_HEADER_BYTE_COUNT);
    int descriptor = -1;
    if (!error) {
        descriptor = open_new(path, is_descendant);
        error = descriptor < 0 ? errno : 0;
    }
    struct mt_file_header *header = NULL;
    bool is_made = !error;
    if (!error) {
        keep_in_place(descriptor);
        error = allocate(descriptor, 0, MT_FILE_HEADER_BYTE_COUNT);
    }
    if (!error) {
        descriptor = mt_descriptor_raise(descriptor);
        header = mt_pages_map_file(descriptor, 0, MT_FILE_HEADER_BYTE_COUNT);
        error = header ? 0 : ENOMEM;
    }
    if (!error && !mt_trace_descriptor_set(descriptor))
        error = errno;
    if (error) {
        mt_message("cannot write ", path, ": ", strerrordesc_np(error),
                   "; nothing is recorded", NULL);
        mt_descriptor_close(descriptor);
        mt_pages_unmap(header, MT_FILE_HEADER_BYTE_COUNT);
        if (is_made)
            unlink(path);
        return false;
    }

    mt_file_guard_add(header, MT_FILE_HEADER_BYTE_COUNT);
    strcpy(state.path, path);
    state.clock = *clock;
    fill_header(header, window_byte_count);
    state.header = header;
    atomic_store(&state.end_offset, MT_FILE_HEADER_BYTE_COUNT);
    return true;
}

void mt_trace_file_abandon(void)
{
    mt_trace_descriptor_abandon();
    mt_pages_unmap(state.header, MT_FILE_HEADER_BYTE_COUNT);
    state.header = NULL;
    state.path[0] = '\0';
}

void mt_trace_file_lost(uint64_t event_count)
{
    if (state.header)
        atomic_fetch_add_explicit(shared(&state.header->lost_events),
                                  event_count, memory_order_relaxed);
}

void mt_trace_file_stop(int reason)
{
    /* No call that is made here fails with ENODATA. */
    mt_trace_file_stop_for(reason, reason == ENODATA ? MT_FILE_GUARD_WORDS
                                                     : strerrordesc_np(reason));
}

void mt_trace_file_stop_for(int reason, const char *words)
{
    if (!mt_process_stop())
        return; /* another thread was first */
    mt_message("recording stopped: ", state.path, ": ", words,
               "; the program runs on untraced", NULL);
    if (!state.header)
        return;
    atomic_store(shared(&state.header->stop_errno), (uint64_t)reason);
    atomic_store(shared(&state.header->end_ticks), mt_clock_now(&state.clock));
    atomic_store(shared(&state.header->state), MT_STATE_STOPPED);
}

void mt_trace_file_ended(uint64_t ticks)
{
    uint64_t recording = MT_STATE_RECORDING;
    if (state.header &&
        atomic_compare_exchange_strong(shared(&state.header->state), &recording,
                                       MT_STATE_EXITED))
        atomic_store(shared(&state.header->end_ticks), ticks);
}

bool mt_trace_file_executing(void)
{
    uint64_t recording = MT_STATE_RECORDING;
    /* A child of vfork has our memory, but is not the process that this trace
     * is about; one that has recorded nothing has no generation. */
    if (!mt_process_generation() || !state.header ||
        state.header->pid != (uint32_t)getpid() ||
        !atomic_compare_exchange_strong(shared(&state.header->state),
                                        &recording, MT_STATE_EXECUTED))
        return false;
    atomic_store(shared(&state.header->end_ticks), mt_clock_now(&state.clock));
    return true;
}

void mt_trace_file_not_executed(void)
{
    uint64_t executed = MT_STATE_EXECUTED;
    if (atomic_compare_exchange_strong(shared(&state.header->state), &executed,
                                       MT_STATE_RECORDING))
        atomic_store(shared(&state.header->end_ticks), 0);
}
