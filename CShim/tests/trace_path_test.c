/* SPDX-License-Identifier: Apache-2.0
 *
 * Names of traces, and files that are there already.
 */
#include "check.h"
#include "trace_format.h"
#include "trace_path.h"

#include <errno.h>
#include <stddef.h>
#include <sys/stat.h>
#include <time.h>

static bool chooses(const char *output, bool is_descendant,
                    const char *expected)
{
    char path[PATH_MAX];
    return mt_trace_path_choose(output, is_descendant, 42, path) &&
           !strcmp(path, expected);
}

/* A trace in this state, begun now or when the machine was started. */
static void write_trace(const char *name, uint32_t pid, enum mt_state state,
                        bool is_new)
{
    struct mt_file_header header = {.pid = pid, .state = state};
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    if (is_new)
        header.clock_pairs[0].monotonic_nanoseconds =
            (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
    memcpy(header.magic, MT_FILE_MAGIC, MT_FILE_MAGIC_BYTE_COUNT);
    FILE *file = fopen(name, "w");
    if (fwrite(&header, sizeof header, 1, file) != 1)
        abort();
    fclose(file);
}

static void write_file(const char *name, uint32_t pid)
{
    write_trace(name, pid, MT_STATE_EXITED, false);
}

static uint32_t pid_in(const char *name)
{
    struct mt_file_header header = {.pid = 0};
    FILE *file = fopen(name, "r");
    if (!file)
        return 0;
    size_t read = fread(&header, sizeof header, 1, file);
    fclose(file);
    return read == 1 ? header.pid : 0;
}

static uint64_t state_in(const char *name)
{
    struct mt_file_header header = {.state = 0};
    FILE *file = fopen(name, "r");
    size_t read = file ? fread(&header, sizeof header, 1, file) : 0;
    if (file)
        fclose(file);
    return read == 1 ? header.state : 0;
}

static void names(void)
{
    CHECK(chooses("/d/trace.bin", false, "/d/trace.bin"));
    CHECK(chooses("/d/trace.bin", true, "/d/trace.42.bin"));
    CHECK(chooses("/d.e/trace", true, "/d.e/trace.42"));
    CHECK(chooses("/d/.hidden", true, "/d/.hidden.42"));
    CHECK(chooses("/d/%p.bin", false, "/d/42.bin"));
    CHECK(chooses("/d/a%pb%p", true, "/d/a42b42"));
    CHECK(chooses("/d/100%", false, "/d/100%"));

    char directory[PATH_MAX], expected[2 * PATH_MAX];
    CHECK(getcwd(directory, sizeof directory) != NULL);
    snprintf(expected, sizeof expected, "%s/t.bin", directory);
    CHECK(chooses("t.bin", false, expected));

    char path[PATH_MAX], longest[PATH_MAX + 10];
    memset(longest, 'x', sizeof longest - 1);
    longest[0] = '/';
    longest[sizeof longest - 1] = '\0';
    CHECK(!mt_trace_path_choose(longest, false, 42, path));
}

static void retires(void)
{
    CHECK(mt_trace_path_retire("none.bin", false, 42) == 0);

    /* A new run replaces what an older run had retired. */
    write_file("t.bin", 1);
    CHECK(mt_trace_path_retire("t.bin", false, 42) == 0);
    CHECK(access("t.bin", F_OK) && pid_in("t.bin.old") == 1);
    write_file("t.bin", 2);
    CHECK(mt_trace_path_retire("t.bin", false, 42) == 0);
    CHECK(pid_in("t.bin.old") == 2);

    /* The same process after exec, and descendants, replace nothing. */
    write_trace("t.bin", 42, MT_STATE_RECORDING, true);
    CHECK(mt_trace_path_retire("t.bin", false, 42) == 0);
    CHECK(pid_in("t.bin.old") == 2 && pid_in("t.bin.old.2") == 42);
    CHECK(state_in("t.bin.old.2") == MT_STATE_EXECUTED);
    write_file("t.bin", 3);
    CHECK(mt_trace_path_retire("t.bin", true, 42) == 0);
    CHECK(pid_in("t.bin.old.3") == 3);
    write_trace("t.bin", 42, MT_STATE_EXECUTED, false);
    CHECK(mt_trace_path_retire("t.bin", false, 42) == 0);
    CHECK(pid_in("t.bin.old.4") == 42 && pid_in("t.bin.old") == 2);
}

/* In a container every first process has the same id. */
static void tells_namesakes_apart(void)
{
    static const enum mt_state states[] = {MT_STATE_RECORDING, MT_STATE_EXITED,
                                           MT_STATE_STOPPED};
    for (size_t i = 0; i < sizeof states / sizeof *states; i++) {
        write_trace("n.bin", 42, states[i], states[i] != MT_STATE_RECORDING);
        CHECK(mt_trace_path_retire("n.bin", false, 42) == 0);
        CHECK(state_in("n.bin.old") == states[i]);
        CHECK(unlink("n.bin.old") == 0);
    }
}

static void leaves_alone(void)
{
    CHECK(!mkdir("directory", 0700));
    CHECK(mt_trace_path_retire("directory", false, 42) == EEXIST);
    CHECK(!symlink("t.bin.old", "link"));
    CHECK(mt_trace_path_retire("link", false, 42) == ELOOP);
    CHECK(!mkfifo("fifo", 0600));
    CHECK(mt_trace_path_retire("fifo", false, 42) == EEXIST);
    CHECK(mt_trace_path_retire("/dev/null", false, 42) == EEXIST);
    struct stat status;
    CHECK(!lstat("link", &status) && S_ISLNK(status.st_mode));
}

int main(void)
{
    check_enter_directory();
    names();
    retires();
    tells_namesakes_apart();
    leaves_alone();
    check_leave_directory();
    return check_summary();
}
