/* SPDX-License-Identifier: Apache-2.0
 *
 * See sample.h.
 */
#include "sample.h"

#include "descriptor.h"
#include "process.h"
#include "trace_file.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

static void set(struct mt_sample *sample, enum mt_sample_field field,
                uint64_t value)
{
    sample->fields[field] = value;
    sample->valid |= 1u << field;
}

/* /proc/self/statm: size resident shared ..., in pages. */
static void read_statm(struct mt_sample *sample)
{
    static const enum mt_sample_field fields[] = {MT_SAMPLE_VIRTUAL_BYTES,
                                                  MT_SAMPLE_RSS_BYTES,
                                                  MT_SAMPLE_RSS_SHARED_BYTES};
    char text[128];
    int file = mt_descriptor_open("/proc/self/statm", O_RDONLY);
    if (file < 0)
        return;
    ssize_t length = mt_descriptor_read(file, text, sizeof text - 1);
    mt_descriptor_close(file);
    if (length <= 0)
        return;
    text[length] = '\0';
    uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
    const char *digit = text;
    for (unsigned i = 0; i < sizeof fields / sizeof *fields; i++) {
        uint64_t pages = 0;
        for (; *digit >= '0' && *digit <= '9'; digit++)
            pages = pages * 10 + (uint64_t)(*digit - '0');
        set(sample, fields[i], pages * page);
        while (*digit == ' ')
            digit++;
    }
}

static uint64_t nanoseconds(struct timeval time)
{
    return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_usec * 1000u;
}

void mt_sample_take_now(void)
{
    struct mt_sample sample = {.clock = mt_clock_pair_now(&mt_process.clock)};
    struct rusage usage;
    read_statm(&sample);
    if (!getrusage(RUSAGE_SELF, &usage)) {
        set(&sample, MT_SAMPLE_PEAK_RSS_BYTES,
            (uint64_t)usage.ru_maxrss * 1024);
        set(&sample, MT_SAMPLE_MINOR_FAULTS, (uint64_t)usage.ru_minflt);
        set(&sample, MT_SAMPLE_MAJOR_FAULTS, (uint64_t)usage.ru_majflt);
        set(&sample, MT_SAMPLE_USER_NANOSECONDS, nanoseconds(usage.ru_utime));
        set(&sample, MT_SAMPLE_SYSTEM_NANOSECONDS, nanoseconds(usage.ru_stime));
    }
    struct iovec payload = {&sample, sizeof sample};
    mt_trace_file_write(MT_CHUNK_SAMPLE, &payload, 1);
}

void mt_sample_take(uint64_t ticks)
{
    uint64_t interval = mt_process.options.sample_milliseconds *
                        mt_process.ticks_per_millisecond;
    uint64_t deadline = atomic_load(&mt_process.page->sample_deadline);
    if (ticks < deadline ||
        !atomic_compare_exchange_strong(&mt_process.page->sample_deadline,
                                        &deadline, ticks + interval))
        return;
    int saved_errno = errno;
    mt_sample_take_now();
    errno = saved_errno;
}
