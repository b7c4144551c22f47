// SPDX-License-Identifier: Apache-2.0
//
// A libunwind.so.8 that counts how often it is asked for a caller, and leaves the work to the one that
// UNWINDER names. At the end the count is in the file UNWINDER_COUNT.
#include <dlfcn.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#define CAT(a, b) a##b
#define FUNCTION(name) CAT(_ULx86_64_, name)
#define FORWARDED(X)                                           \
    X(int, init_local, (void *a, void *b), (a, b))             \
    X(int, init_local2, (void *a, void *b, int c), (a, b, c))  \
    X(int, get_reg, (void *a, int b, void *c), (a, b, c))      \
    X(int, get_save_loc, (void *a, int b, void *c), (a, b, c)) \
    X(int, is_signal_frame, (void *a), (a))                    \
    X(int, set_caching_policy, (void *a, int b), (a, b))

#define DEFINE(result, name, parameters, arguments) \
    static result(*real_##name) parameters;         \
    result FUNCTION(name) parameters;               \
    result FUNCTION(name) parameters                \
    {                                               \
        return real_##name arguments;               \
    }
FORWARDED(DEFINE)

static int (*real_step)(void *);
static atomic_ulong step_count;

int FUNCTION(step)(void *cursor);
int FUNCTION(step)(void *cursor)
{
    atomic_fetch_add(&step_count, 1);
    return real_step(cursor);
}

/* Reads its caller's registers: it must be jumped to. */
__attribute__((used)) static void *real_get_context;
__asm__(".globl _Ux86_64_getcontext\n"
        ".type _Ux86_64_getcontext, @function\n"
        "_Ux86_64_getcontext: jmp *real_get_context(%rip)\n");

void *FUNCTION(local_addr_space);

static void *find(void *library, const char *name)
{
    void *symbol = dlsym(library, name);
    if (!symbol) {
        fprintf(stderr, "%s\n", dlerror());
        abort();
    }
    return symbol;
}

__attribute__((constructor)) static void begin(void)
{
    void *library = dlopen(getenv("UNWINDER"), RTLD_NOW | RTLD_LOCAL);
    if (!library)
        abort();
#define FIND(result, name, parameters, arguments) \
    *(void **)&real_##name = find(library, "_ULx86_64_" #name);
    FORWARDED(FIND)
    *(void **)&real_step = find(library, "_ULx86_64_step");
    real_get_context = find(library, "_Ux86_64_getcontext");
    FUNCTION(local_addr_space) =
        *(void **)find(library, "_ULx86_64_local_addr_space");
}

__attribute__((destructor)) static void end(void)
{
    FILE *file = fopen(getenv("UNWINDER_COUNT"), "w");
    if (file) {
        fprintf(file, "%lu\n", atomic_load(&step_count));
        fclose(file);
    }
}
