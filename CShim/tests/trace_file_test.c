/* SPDX-License-Identifier: Apache-2.0
 *
 * The file under failure: whichever growth fails, the recording stops once,
 * says why, and nothing crashes; and the descriptor stays out of the way.
 */
#include "check.h"
#include "checksum.h"
#include "trace_descriptor.h"
#include "trace_file.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>

static char path[4096];

/* Everything that grows the file, once. Returns how much of it succeeded. */
static int use_the_file(void)
{
    struct iovec payload = {"hello", 5};
    int done = 0;
    check_pretend_recording();
    if (!mt_trace_file_create(path, false, &mt_process.clock, 65536))
        return 0;
    done++;
    void *chunk = mt_trace_file_map_chunk(MT_CHUNK_WINDOW, 65536);
    if (chunk) {
        memset((char *)chunk + 64, 1, 65536 - 64);
        done++;
    }
    mt_pages_unmap(chunk, 65536);
    done += mt_trace_file_write(MT_CHUNK_MARK, &payload, 1);
    return done;
}

static void fails_at_every_growth(void)
{
    for (unsigned n = 1; n <= 3; n++) {
        mt_trace_file_failing_growth = n;
        CHECK(use_the_file() == (n == 1 ? 0 : 2));
        if (n > 1) {
            struct mt_file_header *header = mt_trace_file_header();
            CHECK(header->state == MT_STATE_STOPPED);
            CHECK(header->stop_errno == ENOSPC && header->end_ticks);
            CHECK(mt_process.page->generation == 0);
            mt_trace_file_lost(5);
            CHECK(header->lost_events == 5);
        }
        mt_trace_file_abandon();
        CHECK(mt_trace_descriptor() == -1);
    }
    mt_trace_file_failing_growth = 0;
    CHECK(use_the_file() == 3);
}

static void respects_the_size_limit(void)
{
    struct rlimit limit = {8192, RLIM_INFINITY};
    mt_trace_file_abandon();
    CHECK(!setrlimit(RLIMIT_FSIZE, &limit));
    /* SIGXFSZ would end this program here. */
    CHECK(use_the_file() == 1);
    CHECK(mt_trace_file_header()->stop_errno == EFBIG);
    limit.rlim_cur = RLIM_INFINITY;
    CHECK(!setrlimit(RLIMIT_FSIZE, &limit));
}

static void writes_whole_chunks(void)
{
    mt_trace_file_abandon();
    CHECK(use_the_file() == 3);
    int file = open(path, O_RDONLY);
    struct mt_chunk_header window, mark;
    char payload[5];
    CHECK(pread(file, &window, sizeof window, 4096) == sizeof window);
    CHECK(window.magic == MT_CHUNK_MAGIC && window.kind == MT_CHUNK_WINDOW);
    CHECK(window.offset == 4096 && window.byte_count == 65536);
    off_t next = 4096 + 65536;
    CHECK(pread(file, &mark, sizeof mark, next) == sizeof mark);
    CHECK(mark.kind == MT_CHUNK_MARK && mark.byte_count == 64);
    CHECK(mark.payload_byte_count == 5 && mark.offset == (uint64_t)next);
    CHECK(pread(file, payload, 5, next + 32) == 5);
    CHECK(mark.checksum ==
          mt_checksum("hello", 5, (uint64_t)next ^ MT_CHUNK_MARK ^ 5ull << 32));
    CHECK(!memcmp(payload, "hello", 5));
    struct stat status;
    CHECK(!fstat(file, &status) && (status.st_mode & 0777) == 0600);
    close(file);
}

/* The program puts a file of its own under the trace's number behind our
 * back: nothing of ours may land in it. */
static void never_writes_elsewhere(void)
{
    struct iovec payload = {"hello", 5};
    int trace = mt_trace_descriptor();
    int other = open("other", O_RDWR | O_CREAT, 0600);
    CHECK(trace > 100 && other >= 0);
    CHECK(fcntl(trace, F_GETFD) == FD_CLOEXEC);
    CHECK(syscall(33 /* dup2 */, other, trace) == trace);
    CHECK(mt_trace_file_write(MT_CHUNK_MARK, &payload, 1));
    struct stat status;
    CHECK(!fstat(other, &status) && status.st_size == 0);
    CHECK(mt_trace_descriptor() != trace);

    /* Gone from the directory, too: the recording stops. */
    CHECK(!unlink(path));
    CHECK(syscall(33, other, mt_trace_descriptor()) >= 0);
    CHECK(!mt_trace_file_write(MT_CHUNK_MARK, &payload, 1));
    CHECK(mt_trace_file_header()->stop_errno == EBADF);
    CHECK(!fstat(other, &status) && status.st_size == 0);
}

/* Somebody truncates it, and lets it grow again: no SIGBUS tells. What would be
 * reserved then has been handed out before. */
static void stops_when_its_header_has_gone_back(void)
{
    struct iovec payload = {"hello", 5};
    mt_trace_file_abandon();
    CHECK(use_the_file() == 3);
    CHECK(!truncate(path, 0) && !truncate(path, 1 << 20));
    CHECK(!mt_trace_file_write(MT_CHUNK_MARK, &payload, 1));
    CHECK(mt_trace_file_header()->stop_errno == ENODATA);
    CHECK(mt_process.page->phase == MT_PHASE_STOPPED);
    CHECK(!mt_trace_file_map_chunk(MT_CHUNK_WINDOW, 65536));
    char start[8];
    int file = open(path, O_RDONLY);
    CHECK(pread(file, start, 8, 0) == 8 && !memcmp(start, "\0\0\0\0\0\0\0", 8));
    close(file);
}

static void yields_its_number(void)
{
    mt_trace_file_abandon();
    CHECK(use_the_file() == 3);
    int trace = mt_trace_descriptor();
    mt_trace_descriptor_yield(trace + 1);
    CHECK(mt_trace_descriptor() == trace);
    mt_trace_descriptor_yield(trace);
    CHECK(mt_trace_descriptor() != trace);
    CHECK(fcntl(mt_trace_descriptor(), F_GETFD) == FD_CLOEXEC);
}

int main(void)
{
    check_enter_directory();
    CHECK(getcwd(path, sizeof path - 10) != NULL);
    strcat(path, "/t.bin");
    fails_at_every_growth();
    respects_the_size_limit();
    writes_whole_chunks();
    never_writes_elsewhere();
    yields_its_number();
    stops_when_its_header_has_gone_back();
    check_leave_directory();
    return check_summary();
}
