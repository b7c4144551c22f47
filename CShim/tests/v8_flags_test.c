/* SPDX-License-Identifier: Apache-2.0
 *
 * What counts as a flag that the user asked for. That V8 takes its flags for the
 * user's own is shown by real programs (NodeOptionsTests).
 */
#include "check.h"
#include "v8_flags.h"

static bool has(const char *text, const char *flag)
{
    return mt_v8_flags_has(text, strlen(text), flag);
}

int main(void)
{
    CHECK(has("--a --perf-basic-prof", "--perf-basic-prof"));
    CHECK(has("--perf_basic-prof --b", "--perf-basic-prof"));
    CHECK(has("--perf-basic-prof-only-functions", "--perf-basic-prof"));
    CHECK(has("--no-compact-code-space", "compact-code-space"));
    CHECK(!has("--perf-basic-pro", "--perf-basic-prof"));
    CHECK(!has("--perf-prof --basic", "--perf-basic-prof"));
    CHECK(!has("", "--perf-basic-prof"));
    /* Words of a command line end in NULs. */
    static const char command[] = "node\0--perf_basic_prof\0x.js";
    CHECK(mt_v8_flags_has(command, sizeof command, "--perf-basic-prof"));
    CHECK(!mt_v8_flags_has(command, 10, "--perf-basic-prof"));
    /* This program is no V8. */
    mt_v8_flags_hide();
    return check_summary();
}
