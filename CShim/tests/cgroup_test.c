/* SPDX-License-Identifier: Apache-2.0
 *
 * The control group is found in made-up /proc and /sys directories: version 1
 * and 2, inside and outside of containers, with limits on any level.
 */
#include "cgroup.h"
#include "check.h"
#include "kernel_text.h"

#include <stdarg.h>
#include <sys/stat.h>

static char root[2048];

static void make_directories(char *path)
{
    for (char *slash = strchr(path + 1, '/'); slash;
         slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        mkdir(path, 0700);
        *slash = '/';
    }
}

/* Writes a file below the working directory, its directories with it; %R in
 * the text stands for the working directory. */
static void put(const char *name, const char *text)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", root, name);
    make_directories(path);
    FILE *file = fopen(path, "w");
    if (!file)
        abort();
    for (; *text; text++)
        if (text[0] == '%' && text[1] == 'R') {
            fputs(root, file);
            text++;
        } else {
            fputc(*text, file);
        }
    fclose(file);
}

static void clear(void)
{
    if (system("rm -rf proc sys"))
        abort();
}

static bool find(void)
{
    char directory[4096];
    snprintf(directory, sizeof directory, "%s/proc", root);
    return mt_cgroup_find(directory);
}

static bool chosen_is(const char *name)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", root, name);
    return !strcmp(path, mt_cgroup_chosen());
}

static uint64_t usage(void)
{
    uint64_t byte_count = 0;
    CHECK(mt_cgroup_usage(&byte_count));
    return byte_count;
}

#define MOUNT_2 "30 1 0:26 / %R/sys rw,relatime shared:4 - cgroup2 cgroup2 rw\n"

static void the_tightest_of_nested_limits_is_chosen(void)
{
    clear();
    put("proc/cgroup", "0::/slice/pod/box\n");
    put("proc/mountinfo", "20 1 8:1 / / rw - ext4 /dev/sda rw\n" MOUNT_2);
    put("sys/slice/memory.current", "7000\n");
    put("sys/slice/memory.max", "max\n");
    put("sys/slice/pod/memory.current", "6000\n");
    put("sys/slice/pod/memory.max", "10000\n");
    put("sys/slice/pod/box/memory.current", "500\n");
    put("sys/slice/pod/box/memory.max", "9000\n");
    CHECK(find());
    CHECK(chosen_is("sys/slice/pod")); /* 4000 are left there, 8500 in box */
    CHECK(usage() == 6000);
    CHECK(mt_cgroup_limit() == 10000);

    put("sys/slice/pod/memory.max", "max\n");
    mt_cgroup_choose();
    CHECK(chosen_is("sys/slice/pod/box"));
    CHECK(mt_cgroup_limit() == 9000);

    put("sys/slice/memory.max", "6999\n"); /* over its limit already */
    mt_cgroup_choose();
    CHECK(chosen_is("sys/slice"));
    CHECK(usage() == 7000);

    put("sys/slice/memory.max", "max\n");
    put("sys/slice/pod/box/memory.max", "max\n");
    mt_cgroup_choose();
    CHECK(chosen_is("sys/slice/pod/box"));
    CHECK(mt_cgroup_limit() == MT_CGROUP_UNLIMITED);
    CHECK(usage() == 500);
}

static void a_container_sees_its_own_group_at_the_mount_point(void)
{
    clear();
    put("proc/cgroup", "0::/\n"); /* a name space of its own */
    put("proc/mountinfo",
        "31 1 0:26 /../../kubepods/box %R/sys ro - cgroup2 cgroup rw\n");
    put("sys/memory.current", "77\n");
    put("sys/memory.max", "1234567\n");
    CHECK(find());
    CHECK(chosen_is("sys"));
    CHECK(usage() == 77 && mt_cgroup_limit() == 1234567);

    put("proc/cgroup", "0::/docker/box\n"); /* the host's names */
    put("proc/mountinfo",
        "31 1 0:26 /docker/box %R/sys ro - cgroup2 cgroup rw\n");
    CHECK(find());
    CHECK(chosen_is("sys"));

    put("proc/cgroup", "0::/docker/box/inner\n");
    put("sys/inner/memory.current", "70\n");
    put("sys/inner/memory.max", "80\n");
    CHECK(find());
    CHECK(chosen_is("sys/inner"));

    put("proc/cgroup", "0::/docker/boxer\n"); /* not below /docker/box */
    CHECK(find());
    CHECK(chosen_is("sys"));
}

static void version_1_counts_where_it_has_the_controller(void)
{
    clear();
    put("proc/cgroup", "12:cpu,cpuacct:/a\n"
                       "4:hugetlb,memory:/docker/box\n"
                       "0::/elsewhere\n");
    put("proc/mountinfo",
        "30 1 0:26 / %R/sys/unified rw - cgroup2 cgroup2 rw\n"
        "31 1 0:27 / %R/sys/cpu rw - cgroup cgroup rw,cpu,cpuacct\n"
        "32 1 0:28 / %R/sys/memory rw - cgroup cgroup rw,hugetlb,memory\n");
    put("sys/memory/memory.usage_in_bytes", "9999\n");
    put("sys/memory/memory.limit_in_bytes", "9223372036854771712\n");
    put("sys/memory/docker/memory.usage_in_bytes", "900\n");
    put("sys/memory/docker/memory.limit_in_bytes", "9223372036854771712\n");
    put("sys/memory/docker/box/memory.usage_in_bytes", "800\n");
    put("sys/memory/docker/box/memory.limit_in_bytes", "1000\n");
    put("sys/memory/docker/box/memory.oom_control",
        "oom_kill_disable 0\nunder_oom 0\noom_kill 3\n");
    put("sys/memory/docker/box/memory.stat",
        "cache 50\ninactive_file 1\nactive_file 1\n"
        "total_inactive_file 20\ntotal_active_file 10\n");
    CHECK(find());
    CHECK(chosen_is("sys/memory/docker/box"));
    CHECK(usage() == 800 && mt_cgroup_limit() == 1000);
    struct mt_cgroup_details details;
    mt_cgroup_read_details(&details);
    CHECK(details.has_oom_kills && details.oom_kills == 3);
    CHECK(details.has_file_byte_count && details.file_byte_count == 30);
}

static void details_of_version_2(void)
{
    clear();
    put("proc/cgroup", "0::/box\n");
    put("proc/mountinfo", MOUNT_2);
    put("sys/box/memory.current", "5\n");
    CHECK(find());
    struct mt_cgroup_details details;
    mt_cgroup_read_details(&details);
    CHECK(!details.has_oom_kills && !details.has_file_byte_count);
    put("sys/box/memory.events",
        "low 0\nhigh 0\nmax 9\noom 2\noom_kill 1\noom_group_kill 0\n");
    put("sys/box/memory.stat",
        "anon 4\nfile 9\nshmem 2\ninactive_file 3\nactive_file 4\n");
    mt_cgroup_read_details(&details);
    CHECK(details.has_oom_kills && details.oom_kills == 1);
    CHECK(details.has_file_byte_count && details.file_byte_count == 7);
}

static void what_cannot_be_seen_gives_way_to_what_is_around_it(void)
{
    clear();
    put("proc/cgroup", "0::/slice/gone/box\n");
    put("proc/mountinfo", MOUNT_2);
    put("sys/slice/memory.current", "5\n");
    put("sys/slice/memory.max", "10\n");
    CHECK(find());
    CHECK(chosen_is("sys/slice"));

    clear();
    put("proc/cgroup", "0::/\n"); /* the root has no such files */
    put("proc/mountinfo", MOUNT_2);
    uint64_t byte_count;
    CHECK(!find());
    CHECK(!mt_cgroup_usage(&byte_count));
    CHECK(mt_cgroup_limit() == MT_CGROUP_UNLIMITED);

    clear();
    CHECK(!find());
    put("proc/cgroup", "");
    CHECK(!find());
    put("proc/cgroup", "nonsense\n0\n0:\n:::\n");
    CHECK(!find());
    put("proc/cgroup", "0::/box\n");
    put("proc/mountinfo",
        "nonsense\n - \n1 2 3 4 - cgroup2 \n - cgroup2 x y\n");
    CHECK(!find());
}

static void a_group_that_goes_is_no_error(void)
{
    clear();
    put("proc/cgroup", "0::/box\n");
    put("proc/mountinfo", MOUNT_2);
    put("sys/box/memory.current", "5\n");
    put("sys/box/memory.max", "10\n");
    CHECK(find());
    if (system("rm -r sys/box"))
        abort();
    uint64_t byte_count;
    CHECK(!mt_cgroup_usage(&byte_count));
    mt_cgroup_choose();
    CHECK(mt_cgroup_limit() == MT_CGROUP_UNLIMITED);
}

static void names_with_blanks_and_lines_without_end(void)
{
    static char mounts[30000], options[9000];
    clear();
    memset(options, 'o', sizeof options - 1);
    snprintf(mounts, sizeof mounts,
             "1 2 0:1 / /a rw - overlay overlay lower=%s\n"
             "2 2 0:1 / /b rw - overlay overlay lower=%s - cgroup2 c rw\n"
             "30 1 0:26 / %%R/sys\\040s rw - cgroup2 cgroup2 rw\n",
             options, options);
    put("proc/cgroup", "0::/box\n");
    put("proc/mountinfo", mounts);
    put("sys s/box/memory.current", "5\n");
    CHECK(find());
    CHECK(chosen_is("sys s/box"));
    CHECK(usage() == 5);
}

static void numbers_and_keys(void)
{
    uint64_t number = 1;
    CHECK(mt_kernel_text_number(" \t42 kB", &number) && number == 42);
    CHECK(!mt_kernel_text_number("max", &number));
    CHECK(!mt_kernel_text_number("", &number));
    CHECK(!mt_kernel_text_number("-1", &number));
    const char *text = "oom 1\noom_kill 2\n";
    const char *found = mt_kernel_text_find(text, "oom_kill ");
    CHECK(found && *found == '2');
    CHECK(!mt_kernel_text_find(text, "kill"));
    CHECK(!mt_kernel_text_find("", "x"));
    char few[4];
    put("proc/x", "abcdef\n");
    char path[4096];
    snprintf(path, sizeof path, "%s/proc/x", root);
    CHECK(mt_kernel_text_read(path, few, sizeof few) == 3);
    CHECK(!strcmp(few, "abc"));
    CHECK(mt_kernel_text_read("/no/such/file", few, sizeof few) == 0);
    CHECK(!*few);
}

int main(void)
{
    check_enter_directory();
    if (!getcwd(root, sizeof root))
        abort();
    the_tightest_of_nested_limits_is_chosen();
    a_container_sees_its_own_group_at_the_mount_point();
    version_1_counts_where_it_has_the_controller();
    details_of_version_2();
    what_cannot_be_seen_gives_way_to_what_is_around_it();
    a_group_that_goes_is_no_error();
    names_with_blanks_and_lines_without_end();
    numbers_and_keys();
    check_leave_directory();
    return check_summary();
}
