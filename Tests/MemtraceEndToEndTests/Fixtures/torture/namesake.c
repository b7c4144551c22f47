/* SPDX-License-Identifier: Apache-2.0
 *
 * A program that exports functions of libunwind's and of the compiler's
 * unwinder under their own names, as those do that link it in; whoever calls
 * them by mistake ends the program. It loads LIBRARY (bundled.c), with
 * RTLD_DEEPBIND if told so, which has a private malloc, and works through
 * both. Usage: namesake LIBRARY [deepbind]
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define NAMESAKE(name)                                                  \
    __attribute__((visibility("default"))) long name(void);             \
    long name(void)                                                     \
    {                                                                   \
        static const char text[] = #name " was called\n";               \
        return write(2, text, sizeof text - 1) > 0 ? (_exit(9), 0) : 0; \
    }

NAMESAKE(unw_step)
NAMESAKE(unw_init_local)
NAMESAKE(unw_init_local2)
NAMESAKE(unw_get_reg)
NAMESAKE(unw_backtrace)
NAMESAKE(unw_set_caching_policy)
NAMESAKE(_ULx86_64_step)
NAMESAKE(_ULx86_64_init_local)
NAMESAKE(_ULx86_64_get_reg)
NAMESAKE(_ULx86_64_set_cache_size)
NAMESAKE(_ULx86_64_dwarf_step)
NAMESAKE(_ULx86_64_is_signal_frame)
NAMESAKE(_Ux86_64_getcontext)
NAMESAKE(_U_dyn_info_list_addr)
NAMESAKE(backtrace)

__attribute__((noinline)) static void keep(void)
{
    for (int i = 0; i < 50; i++)
        *(volatile char *)malloc(64) = 1;
}

int main(int argc, char **argv)
{
    int flags =
        argc > 2 && strcmp(argv[2], "deepbind") == 0 ? RTLD_DEEPBIND : 0;
    void *library = argc > 1 ? dlopen(argv[1], RTLD_NOW | flags) : NULL;
    if (!library) {
        printf("%s\n", argc > 1 ? dlerror() : "no library");
        return 1;
    }
    void *(*give)(size_t) = (void *(*)(size_t))dlsym(library, "bundled_give");
    int (*work)(void) = (int (*)(void))dlsym(library, "bundled_work");
    if (!give || !work)
        return 1;
    keep();
    for (int i = 0; i < 20; i++)
        free(give(80)); /* made there, freed here */
    printf("worked %d\n", work());
    return dlclose(library);
}
