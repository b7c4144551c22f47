/* SPDX-License-Identifier: Apache-2.0
 *
 * The doors of mappings, and of dlclose, which takes images away.
 */
#include "images.h"
#include "real.h"
#include "record.h"

#include <stdarg.h>
#include <sys/mman.h>

/* One bit of mmap's words for one of ours. */
static unsigned mapping_of(int protection, int flags)
{
    return (flags & MAP_ANONYMOUS ? MT_MAPPING_ANONYMOUS : 0) |
           (flags & MAP_SHARED ? MT_MAPPING_SHARED : 0) |
           (flags & MAP_STACK ? MT_MAPPING_STACK : 0) |
           (flags & MAP_NORESERVE ? MT_MAPPING_NORESERVE : 0) |
           (flags & MAP_FIXED ? MT_MAPPING_FIXED : 0) |
           (protection & PROT_READ ? MT_MAPPING_READ : 0) |
           (protection & PROT_WRITE ? MT_MAPPING_WRITE : 0) |
           (protection & PROT_EXEC ? MT_MAPPING_EXECUTE : 0);
}

static inline void *mapped(void *address, size_t byte_count, int protection,
                           int flags, int descriptor, off_t offset,
                           const struct mt_caller *caller)
{
    mt_real_begin();
    void *start = mt_real.mmap(address, byte_count, protection, flags,
                               descriptor, offset);
    if (start != MAP_FAILED)
        mt_record_map(MT_MMAP, start, byte_count, mapping_of(protection, flags),
                      caller);
    return start;
}

MT_EXPORT void *mmap(void *address, size_t byte_count, int protection,
                     int flags, int descriptor, off_t offset)
{
    const struct mt_caller *caller = MT_CALLER();
    return mapped(address, byte_count, protection, flags, descriptor, offset,
                  caller);
}

#undef mmap64
MT_EXPORT void *mmap64(void *address, size_t byte_count, int protection,
                       int flags, int descriptor, off_t offset)
{
    const struct mt_caller *caller = MT_CALLER();
    return mapped(address, byte_count, protection, flags, descriptor, offset,
                  caller);
}

MT_EXPORT int munmap(void *start, size_t byte_count)
{
    mt_real_begin();
    uint64_t before = mt_record_stamp();
    int result = mt_real.munmap(start, byte_count);
    if (!result)
        mt_record_unmap(MT_MUNMAP, start, byte_count, before);
    return result;
}

MT_EXPORT void *mremap(void *old, size_t old_byte_count, size_t byte_count,
                       int flags, ...)
{
    va_list rest;
    va_start(rest, flags);
    void *wanted = va_arg(rest, void *); /* unused unless MREMAP_FIXED */
    va_end(rest);

    mt_real_begin();
    const struct mt_caller *caller = MT_CALLER();
    uint64_t before = mt_record_stamp();
    void *start =
        mt_real.mremap(old, old_byte_count, byte_count, flags, wanted);
    if (start != MAP_FAILED) {
        if (!(flags & MREMAP_DONTUNMAP))
            mt_record_unmap(MT_MREMAP_UNMAP, old, old_byte_count, before);
        mt_record_map(MT_MREMAP, start, byte_count, 0, caller);
    }
    return start;
}

int dlclose(void *library); /* dlfcn.h is for real.c alone */

MT_EXPORT int dlclose(void *library)
{
    mt_real_begin();
    struct mt_thread_state *thread =
        mt_real_can_find_images() ? mt_thread_enter() : NULL;
    if (!thread)
        return mt_real.dlclose(library);
    uint32_t epoch = mt_images_before_unload(library);
    uint32_t outer = thread->closing_epoch;
    if (!outer)
        thread->closing_epoch = epoch;
    thread->stack_epoch = MT_EPOCH_NONE;
    mt_thread_leave(thread);

    int result = mt_real.dlclose(library);

    mt_thread.closing_epoch = outer;
    thread = mt_thread_enter();
    if (thread) {
        mt_images_after_unload();
        mt_thread_leave(thread);
    }
    return result;
}
