/* SPDX-License-Identifier: Apache-2.0
 *
 * Symbols found by reading symbol tables are those that dlsym finds, and the
 * program's pending dlerror() stays pending.
 */
#include "check.h"
#include "elf_symbol.h"

#include <dlfcn.h>

int main(void)
{
    static const char *const names[] = {"getppid", "qsort",  "strtod_l",
                                        "setvbuf", "mremap", "wcsftime"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        CHECK(mt_elf_symbol(names[i]) == dlsym(RTLD_NEXT, names[i]));
    CHECK(!mt_elf_symbol("no_such_function"));
    CHECK(!mt_elf_symbol("main"));
    CHECK(!mt_elf_symbol("stdout")); /* no function */

    size_t byte_count = 0;
    CHECK(mt_elf_object("stdout", &byte_count) ==
          (void *)&stdout /* libc's, or a copy */);
    CHECK(byte_count == sizeof stdout);
    CHECK(!mt_elf_object("no_such_object", &byte_count));
    CHECK(!mt_elf_object("getppid", &byte_count)); /* no object */

    /* A library that nobody else sees, but for sanitizers' own runtimes. */
    const char *function = "_ZSt9terminatev";
    CHECK(!mt_elf_symbol(function) || dlsym(RTLD_DEFAULT, function));
    void *library = dlopen("libstdc++.so.6", RTLD_NOW | RTLD_LOCAL);
    void *expected = dlvsym(library, function, "GLIBCXX_3.4");
    CHECK(expected && !dlsym(RTLD_DEFAULT, "no_such_function"));
    CHECK(mt_elf_symbol(function) == expected);
    CHECK(mt_elf_symbol("_ZdaPvm") != NULL);
    const char *error = dlerror();
    CHECK(error && strstr(error, "no_such_function"));
    return check_summary();
}
