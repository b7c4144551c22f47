/* SPDX-License-Identifier: Apache-2.0
 *
 * See early.h. One thread is all there is at that time, as a rule; a library
 * that starts threads in its constructor may make entries collide, which the
 * atomic index keeps to a block counted as lost.
 */
#include "early.h"

#include "record.h"
#include "stack_table.h"
#include "trace_file.h"

#include <stdatomic.h>

#define EARLY_LIMIT 4096

bool mt_early_is_active = true;

static struct {
    _Atomic uint32_t count;
    struct {
        const void *block; /* NULL: ended */
        size_t size;
        uintptr_t caller;
        uint32_t function;
    } blocks[EARLY_LIMIT];
} state;

void mt_early_begin(enum mt_function function, const void *block, size_t size,
                    const struct mt_caller *caller)
{
    uint32_t index = atomic_fetch_add(&state.count, 1);
    if (index >= EARLY_LIMIT)
        return;
    state.blocks[index].size = size;
    state.blocks[index].caller = caller->ip;
    state.blocks[index].function = mt_thread.depth ? MT_OWN : function;
    state.blocks[index].block = block;
}

void mt_early_end(const void *block)
{
    uint32_t count = atomic_load(&state.count);
    for (uint32_t i = count < EARLY_LIMIT ? count : EARLY_LIMIT; i-- > 0;)
        if (state.blocks[i].block == block) {
            state.blocks[i].block = NULL;
            return;
        }
}

void mt_early_record(struct mt_thread_state *thread)
{
    mt_early_is_active = false;
    uint32_t count = atomic_load(&state.count);
    if (count > EARLY_LIMIT) {
        mt_trace_file_lost(count - EARLY_LIMIT);
        count = EARLY_LIMIT;
    }
    for (uint32_t i = 0; i < count; i++) {
        if (!state.blocks[i].block)
            continue;
        uint32_t stack =
            mt_stack_table_intern(0, state.blocks[i].caller, MT_NODE_FRAME);
        mt_record_write_begin(thread, state.blocks[i].function,
                              state.blocks[i].block, state.blocks[i].size,
                              stack);
    }
}
