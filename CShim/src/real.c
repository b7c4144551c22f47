/* SPDX-License-Identifier: Apache-2.0
 *
 * See real.h.
 */
#include "real.h"

#include "bootstrap.h"

#include <dlfcn.h>
#include <errno.h>
#include <link.h>
#include <stdatomic.h>

static struct {
    _Atomic int phase; /* 0: not begun, 1: dlsym is at work, 2: done */
    bool is_passed_by;
#if __GLIBC_PREREQ(2, 35)
    int (*find_object)(void *, struct dl_find_object *);
#endif
} state;

/* ------------------------------------------------- before symbols are known */

static void *early_malloc(size_t size)
{
    mt_real_begin();
    return state.phase == 2 ? mt_real.malloc(size)
                            : mt_bootstrap_allocate(size);
}

static void *early_calloc(size_t count, size_t size)
{
    size_t byte_count;
    if (__builtin_mul_overflow(count, size, &byte_count)) {
        errno = ENOMEM;
        return NULL;
    }
    mt_real_begin();
    return state.phase == 2 ? mt_real.calloc(count, size)
                            : mt_bootstrap_allocate(byte_count);
}

static void *early_realloc(void *block, size_t size)
{
    mt_real_begin();
    if (state.phase == 2)
        return mt_real.realloc(block, size);
    return mt_bootstrap_reallocate(block, size);
}

static void early_free(void *block)
{
    mt_real_begin();
    if (state.phase == 2)
        mt_real.free(block);
}

/* Everything else finds the symbols first and is called through them. */
static void *early_memalign(size_t alignment, size_t size)
{
    mt_real_begin();
    return mt_real.memalign(alignment, size);
}

static int early_posix_memalign(void **block, size_t alignment, size_t size)
{
    mt_real_begin();
    return mt_real.posix_memalign(block, alignment, size);
}

static void *early_aligned_alloc(size_t alignment, size_t size)
{
    mt_real_begin();
    return mt_real.aligned_alloc(alignment, size);
}

struct mt_real mt_real = {
    .malloc = early_malloc,
    .calloc = early_calloc,
    .realloc = early_realloc,
    .free = early_free,
    .memalign = early_memalign,
    .posix_memalign = early_posix_memalign,
    .aligned_alloc = early_aligned_alloc,
};

/* ------------------------------------------------------------------ symbols */

void *mt_real_next(const char *name)
{
    return dlsym(RTLD_NEXT, name);
}

void *mt_real_global(const char *name)
{
    return dlsym(RTLD_DEFAULT, name);
}

void mt_real_begin(void)
{
    int not_begun = 0;
    if (!atomic_compare_exchange_strong(&state.phase, &not_begun, 1))
        return;
    struct mt_real found = {0};
#define MT_FIND(result, name, parameters) \
    *(void **)(void *)&found.name = mt_real_next(#name);
    MT_REAL_C_FUNCTIONS(MT_FIND)
#undef MT_FIND
#if __GLIBC_PREREQ(2, 35)
    *(void **)(void *)&state.find_object = mt_real_global("_dl_find_object");
#endif
    state.is_passed_by = !mt_real_is_own((uintptr_t)mt_real_global("realloc"));
    mt_real = found;
    atomic_store(&state.phase, 2);
}

/* The library's own bounds, from the linker. */
#define HIDDEN __attribute__((visibility("hidden")))
extern HIDDEN const char __ehdr_start[];
extern HIDDEN const char _end[];

bool mt_real_is_own(uintptr_t address)
{
    return address - (uintptr_t)__ehdr_start <
           (uintptr_t)_end - (uintptr_t)__ehdr_start;
}

bool mt_real_is_passed_by(void)
{
    mt_real_begin();
    return state.is_passed_by;
}

void mt_real_begin_optional(void)
{
#define MT_FIND(result, name, parameters) \
    *(void **)(void *)&mt_real.name = mt_real_next(#name);
    MT_REAL_OPTIONAL_FUNCTIONS(MT_FIND)
#undef MT_FIND
    /* What was not found left a message that is none of the program's. */
    dlerror();
}

void *mt_real_open(const char *name)
{
    return dlopen(name, RTLD_NOW | RTLD_LOCAL);
}

void *mt_real_symbol(void *library, const char *name)
{
    return dlsym(library, name);
}

bool mt_real_find_image(uintptr_t address, struct mt_real_image *image)
{
#if __GLIBC_PREREQ(2, 35)
    struct dl_find_object found;
    if (state.find_object && !state.find_object((void *)address, &found)) {
        *image = (struct mt_real_image){
            .start = (uintptr_t)found.dlfo_map_start,
            .end = (uintptr_t)found.dlfo_map_end,
            .handle = found.dlfo_link_map,
            .load_bias = found.dlfo_link_map->l_addr,
            .path = found.dlfo_link_map->l_name,
            .eh_frame_header = found.dlfo_eh_frame,
        };
        return true;
    }
#else
    (void)address;
    (void)image;
#endif
    return false;
}

bool mt_real_can_find_images(void)
{
#if __GLIBC_PREREQ(2, 35)
    return state.find_object != NULL;
#else
    return false;
#endif
}
