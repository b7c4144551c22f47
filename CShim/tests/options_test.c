/* SPDX-License-Identifier: Apache-2.0
 *
 * MEMTRACE_* variables: defaults, ranges, nonsense; and the variable that is
 * published for descendants.
 */
#include "check.h"
#include "options.h"

extern char **environ;

static struct mt_options read_with(char *assignment)
{
    char *variables[] = {assignment, NULL};
    char **saved = environ;
    struct mt_options options;
    environ = variables;
    mt_options_read(&options);
    environ = saved;
    return options;
}

static void refuses_nonsense(void)
{
    /* Their lines on standard error are expected. */
    CHECK(read_with("MEMTRACE_DEPTH=").depth == 512);
    CHECK(read_with("MEMTRACE_DEPTH=0").depth == 512);
    CHECK(read_with("MEMTRACE_DEPTH=4097").depth == 512);
    CHECK(read_with("MEMTRACE_DEPTH=12x").depth == 512);
    CHECK(read_with("MEMTRACE_DEPTH=-3").depth == 512);
    CHECK(read_with("MEMTRACE_DEPTH=99999999999999999999").depth == 512);
}

static void publishes(void)
{
    static char *variables[] = {"A=1", MT_ROOT_VARIABLE "=old", "B=2", NULL};
    char **saved = environ;
    environ = variables;
    mt_options_publish(MT_ROOT_VARIABLE "=7:/t");
    CHECK(!strcmp(environ[0], "A=1") && !strcmp(environ[1], "B=2"));
    CHECK(!strcmp(environ[2], MT_ROOT_VARIABLE "=7:/t") && !environ[3]);
    CHECK(!strcmp(mt_options_variable("B"), "2"));
    CHECK(!mt_options_variable("C"));
    CHECK(!strcmp(variables[1], MT_ROOT_VARIABLE "=old"));
    environ = saved;
}

int main(void)
{
    struct mt_options options = read_with("OTHER=1");
    CHECK(!options.output && !options.root);
    CHECK(options.depth == 512 && options.fold == 1 && !options.disabled);
    CHECK(!options.guard_file);
    CHECK(read_with("MEMTRACE_GUARD_FILE=1").guard_file == 1);
    CHECK(read_with("MEMTRACE_DEPTH=64").depth == 64);
    CHECK(read_with("MEMTRACE_FOLD=0").fold == 0);
    CHECK(!strcmp(read_with("MEMTRACE_OUTPUT=x").output, "x"));
    CHECK(!read_with("MEMTRACE_OUTPUT=").output);
    refuses_nonsense();
    publishes();
    return check_summary();
}
