/* SPDX-License-Identifier: Apache-2.0
 *
 * CHECK(condition), and the closing line that tells how many held. Each test
 * program is linked against the shim's objects and runs with MEMTRACE_DISABLE,
 * so it records nothing unless it begins to itself.
 */
#ifndef CHECK_H
#define CHECK_H

#include "pages.h"
#include "process.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int passed_count, failed_count;

#define CHECK(condition)                                                   \
    do {                                                                   \
        if (condition) {                                                   \
            passed_count++;                                                \
        } else {                                                           \
            failed_count++;                                                \
            printf("%s:%d: failed: %s\n", __FILE__, __LINE__, #condition); \
        }                                                                  \
    } while (0)

/* The closing line, and the exit status of the program. */
static inline int check_summary(void)
{
    printf("%d passed, %d failed\n", passed_count, failed_count);
    return failed_count != 0 || passed_count == 0;
}

/* A fresh directory that is the working directory from now on. */
static inline void check_enter_directory(void)
{
    char name[] = "/tmp/memtrace-test-XXXXXX";
    if (!mkdtemp(name) || chdir(name))
        abort();
}

static inline void check_leave_directory(void)
{
    char name[4096], command[5000];
    if (getcwd(name, sizeof name) && chdir("/") == 0) {
        snprintf(command, sizeof command, "rm -rf '%s'", name);
        if (system(command))
            puts("the directory was not removed");
    }
}

/* The state of a process that records, without any event of its own. */
static inline void check_pretend_recording(void)
{
    if (!mt_process.page)
        mt_process.page = mt_pages_map(sizeof *mt_process.page);
    mt_process.page->phase = MT_PHASE_RECORDING;
    mt_process.page->generation = 1;
    mt_process.options.window_kilobytes = 64;
    mt_process.options.depth = 512;
    mt_process.options.fold = 1;
    mt_process.clock.kind = MT_CLOCK_MONOTONIC;
}

#endif
