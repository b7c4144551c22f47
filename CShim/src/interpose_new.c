/* SPDX-License-Identifier: Apache-2.0
 *
 * The doors of C++: every replaceable global operator new and delete, by their
 * mangled names (Itanium C++ ABI 5.1.5), as no C++ runtime may be needed here.
 * Without them the caller of `new` would be lost to walks by frame pointer,
 * and mismatched pairs could not be told.
 */
#include "elf_symbol.h"
#include "record.h"

#include <stdatomic.h>

static MT_COLD void *find(const char *name, _Atomic(void *) *found)
{
    void *function = mt_elf_symbol(name);
    atomic_store_explicit(found, function, memory_order_relaxed);
    return function;
}

/* The real function behind the door of the same name. */
#define REAL(name)                                                           \
    ({                                                                       \
        static _Atomic(void *) found;                                        \
        void *function = atomic_load_explicit(&found, memory_order_relaxed); \
        MT_LIKELY(function) ? function : find(name, &found);                 \
    })

/* What operator new was asked for and what it returned. One operator new may
 * stand inside another (new[] calls new), so the outer nest is put back first
 * and may hold this event in turn. */
static inline void record_new(enum mt_function function, const void *block,
                              size_t size, const struct mt_caller *caller,
                              const struct mt_outer_nest *outer)
{
    struct mt_nest *nest = &mt_thread.nest;
    const void *held = nest->block;
    size_t held_size = nest->size;
    bool has_failed = nest->has_failed;
    mt_nest_leave(nest, outer);
    if (MT_UNLIKELY(has_failed))
        return;
    if (MT_UNLIKELY(held != block && held))
        mt_record_begin(MT_MALLOC, held, held_size, caller);
    mt_record_begin(function, block, size, caller);
}

#define NEW(name, function, parameters, arguments)                       \
    MT_EXPORT void *name parameters;                                     \
    MT_EXPORT void *name parameters                                      \
    {                                                                    \
        void *(*real)parameters;                                         \
        *(void **)(void *)&real = REAL(#name);                           \
        const struct mt_caller *caller = MT_CALLER();                    \
        struct mt_outer_nest outer;                                      \
        mt_nest_enter(                                                   \
            &mt_thread.nest, &outer,                                     \
            (const uintptr_t *)(mt_caller_sp(caller) - sizeof(void *))); \
        void *block = real arguments;                                    \
        record_new(function, block, size, caller, &outer);               \
        return block;                                                    \
    }

#define DELETE(name, function, parameters, arguments) \
    MT_EXPORT void name parameters;                   \
    MT_EXPORT void name parameters                    \
    {                                                 \
        void(*real) parameters;                       \
        *(void **)(void *)&real = REAL(#name);        \
        mt_record_end(function, block);               \
        mt_thread.nest.ending = block;                \
        real arguments;                               \
        mt_thread.nest.ending = NULL;                 \
    }

/* std::align_val_t is a size_t, std::nothrow_t const & a pointer. */
NEW(_Znwm, MT_NEW, (size_t size), (size))
NEW(_Znam, MT_NEW_ARRAY, (size_t size), (size))
NEW(_ZnwmRKSt9nothrow_t, MT_NEW, (size_t size, const void *tag), (size, tag))
NEW(_ZnamRKSt9nothrow_t, MT_NEW_ARRAY, (size_t size, const void *tag),
    (size, tag))
NEW(_ZnwmSt11align_val_t, MT_NEW, (size_t size, size_t alignment),
    (size, alignment))
NEW(_ZnamSt11align_val_t, MT_NEW_ARRAY, (size_t size, size_t alignment),
    (size, alignment))
NEW(_ZnwmSt11align_val_tRKSt9nothrow_t, MT_NEW,
    (size_t size, size_t alignment, const void *tag), (size, alignment, tag))
NEW(_ZnamSt11align_val_tRKSt9nothrow_t, MT_NEW_ARRAY,
    (size_t size, size_t alignment, const void *tag), (size, alignment, tag))

DELETE(_ZdlPv, MT_DELETE, (void *block), (block))
DELETE(_ZdaPv, MT_DELETE_ARRAY, (void *block), (block))
DELETE(_ZdlPvm, MT_DELETE, (void *block, size_t size), (block, size))
DELETE(_ZdaPvm, MT_DELETE_ARRAY, (void *block, size_t size), (block, size))
DELETE(_ZdlPvRKSt9nothrow_t, MT_DELETE, (void *block, const void *tag),
       (block, tag))
DELETE(_ZdaPvRKSt9nothrow_t, MT_DELETE_ARRAY, (void *block, const void *tag),
       (block, tag))
DELETE(_ZdlPvSt11align_val_t, MT_DELETE, (void *block, size_t alignment),
       (block, alignment))
DELETE(_ZdaPvSt11align_val_t, MT_DELETE_ARRAY, (void *block, size_t alignment),
       (block, alignment))
DELETE(_ZdlPvmSt11align_val_t, MT_DELETE,
       (void *block, size_t size, size_t alignment), (block, size, alignment))
DELETE(_ZdaPvmSt11align_val_t, MT_DELETE_ARRAY,
       (void *block, size_t size, size_t alignment), (block, size, alignment))
DELETE(_ZdlPvSt11align_val_tRKSt9nothrow_t, MT_DELETE,
       (void *block, size_t alignment, const void *tag),
       (block, alignment, tag))
DELETE(_ZdaPvSt11align_val_tRKSt9nothrow_t, MT_DELETE_ARRAY,
       (void *block, size_t alignment, const void *tag),
       (block, alignment, tag))
