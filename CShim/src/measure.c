/* SPDX-License-Identifier: Apache-2.0
 *
 * See measure.h.
 */
#include "measure.h"

#include "arena_books.h"
#include "cgroup.h"
#include "kernel_text.h"

#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#define PAGE_BYTES 4096u

static void set(struct mt_sample *sample, enum mt_sample_field field,
                uint64_t value)
{
    sample->fields[field] = value;
    sample->valid |= (uint64_t)1 << field;
}

/* The number behind `key`, where it is there; the kernel gives kibibytes. */
static void set_kibibytes(struct mt_sample *sample, enum mt_sample_field field,
                          const char *text, const char *key)
{
    uint64_t number;
    const char *found = mt_kernel_text_find(text, key);
    if (found && mt_kernel_text_number(found, &number))
        set(sample, field, number * 1024);
}

/* /proc/self/statm: size resident shared ..., in pages. */
static void read_statm(struct mt_sample *sample)
{
    char text[128];
    uint64_t pages[3];
    uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
    const char *place = text;
    if (!mt_kernel_text_read("/proc/self/statm", text, sizeof text))
        return;
    for (unsigned i = 0; i < 3; i++) {
        if (!place || !mt_kernel_text_number(place, &pages[i]))
            return;
        place = strchr(place + 1, ' ');
    }
    set(sample, MT_SAMPLE_VIRTUAL_BYTES, pages[0] * page);
    set(sample, MT_SAMPLE_RSS_BYTES, pages[1] * page);
    set(sample, MT_SAMPLE_RSS_SHARED_BYTES, pages[2] * page);
    set(sample, MT_SAMPLE_ANONYMOUS_BYTES, (pages[1] - pages[2]) * page);
}

/* VmHWM is this program's; getrusage would tell that of the one which this
 * process was before exec. */
void mt_measure_parts(struct mt_sample *sample)
{
    static const struct {
        const char *key;
        enum mt_sample_field field;
        unsigned unit;
    } rows[] = {
        /* in the order in which they stand in the file */
        {"VmSize:", MT_SAMPLE_VIRTUAL_BYTES, 1024},
        {"VmHWM:", MT_SAMPLE_PEAK_RSS_BYTES, 1024},
        {"VmRSS:", MT_SAMPLE_RSS_BYTES, 1024},
        {"RssAnon:", MT_SAMPLE_ANONYMOUS_BYTES, 1024},
        {"RssFile:", MT_SAMPLE_FILE_BYTES, 1024},
        {"RssShmem:", MT_SAMPLE_SHMEM_BYTES, 1024},
        {"VmSwap:", MT_SAMPLE_SWAP_BYTES, 1024},
        {"Threads:", MT_SAMPLE_THREADS, 1},
    };
    char text[2048];
    if (!mt_kernel_text_read("/proc/self/status", text, sizeof text))
        return;
    const char *place = text;
    for (unsigned i = 0; i < sizeof rows / sizeof *rows; i++) {
        const char *found = mt_kernel_text_find(place, rows[i].key);
        uint64_t number;
        if (found && mt_kernel_text_number(found, &number)) {
            set(sample, rows[i].field, number * rows[i].unit);
            place = found;
        }
    }
    if (sample->valid & 1u << MT_SAMPLE_FILE_BYTES)
        set(sample, MT_SAMPLE_RSS_SHARED_BYTES,
            sample->fields[MT_SAMPLE_FILE_BYTES] +
                sample->fields[MT_SAMPLE_SHMEM_BYTES]);
}

static uint64_t nanoseconds(struct timeval time)
{
    return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_usec * 1000u;
}

static void read_usage(struct mt_sample *sample)
{
    struct rusage usage;
    if (getrusage(RUSAGE_SELF, &usage))
        return;
    set(sample, MT_SAMPLE_MINOR_FAULTS, (uint64_t)usage.ru_minflt);
    set(sample, MT_SAMPLE_MAJOR_FAULTS, (uint64_t)usage.ru_majflt);
    set(sample, MT_SAMPLE_USER_NANOSECONDS, nanoseconds(usage.ru_utime));
    set(sample, MT_SAMPLE_SYSTEM_NANOSECONDS, nanoseconds(usage.ru_stime));
}

void mt_measure_process(struct mt_sample *sample)
{
    read_statm(sample);
    read_usage(sample);
}

void mt_measure_cgroup(struct mt_sample *sample)
{
    uint64_t byte_count, limit = mt_cgroup_limit();
    if (!mt_cgroup_usage(&byte_count))
        return;
    set(sample, MT_SAMPLE_CGROUP_BYTES, byte_count);
    if (limit != MT_CGROUP_UNLIMITED)
        set(sample, MT_SAMPLE_CGROUP_LIMIT_BYTES, limit);
}

void mt_measure_cgroup_details(struct mt_sample *sample)
{
    struct mt_cgroup_details details;
    mt_cgroup_read_details(&details);
    if (details.has_oom_kills)
        set(sample, MT_SAMPLE_CGROUP_OOM_KILLS, details.oom_kills);
    if (details.has_file_byte_count)
        set(sample, MT_SAMPLE_CGROUP_FILE_BYTES, details.file_byte_count);
}

void mt_measure_machine(struct mt_sample *sample)
{
    char text[256];
    if (!mt_kernel_text_read("/proc/meminfo", text, sizeof text))
        return;
    set_kibibytes(sample, MT_SAMPLE_MACHINE_BYTES, text, "MemTotal:");
    set_kibibytes(sample, MT_SAMPLE_MACHINE_AVAILABLE_BYTES, text,
                  "MemAvailable:");
}

void mt_measure_arenas(struct mt_sample *sample)
{
    struct mt_arena_books books;
    mt_arena_books_read(&books);
    set(sample, MT_SAMPLE_ARENA_BYTES, books.system);
    set(sample, MT_SAMPLE_ARENA_USED_BYTES, books.used);
    set(sample, MT_SAMPLE_ARENA_FREE_BYTES, books.free);
    set(sample, MT_SAMPLE_ARENA_MAPPED_BYTES, books.mapped);
    set(sample, MT_SAMPLE_ARENA_TOP_BYTES, books.top);
}

void mt_measure_pss(struct mt_sample *sample)
{
    char text[512];
    if (mt_kernel_text_read("/proc/self/smaps_rollup", text, sizeof text))
        set_kibibytes(sample, MT_SAMPLE_PSS_BYTES, text, "Pss:");
}

/* 48 ns a page, measured on Linux 6.18. */
uint64_t mt_measure_pss_cost(const struct mt_sample *sample)
{
    return sample->fields[MT_SAMPLE_RSS_BYTES] / PAGE_BYTES * 48;
}
