/* SPDX-License-Identifier: Apache-2.0
 *
 * See stack.h. Three tiers, each falling back on the next:
 *
 *  0  The remembered stack. A frame with the same (ip, sp, fp) as one of the
 *     last stack has the same callers, if the words that led to them are
 *     unchanged: for a rule of frame_rule.h the caller is a function of
 *     (ip, sp, fp) and of the words in the two slots it reads.
 *  1  The rule of each return address.
 *  2  libunwind, for a frame that has no such rule.
 *
 * Nothing on the stack is ever changed, so exceptions, longjmp, coroutines and
 * generated code need no care.
 */
#include "stack.h"

#include "frame_rule.h"
#include "images.h"
#include "pages.h"
#include "stack_bounds.h"
#include "stack_compare.h"
#include "stack_table.h"
#include "trace_file.h"
#include "unwinder.h"

#include <string.h>

/* How the walk got from a frame to its caller: what must be unchanged. */
struct frame {
    uintptr_t ip, sp, fp;
    const uintptr_t *ip_slot; /* NULL: the rule says it is the outermost */
    const uintptr_t *fp_slot; /* NULL: fp passes unchanged */
    uint32_t id;              /* of the stack from here outwards */
    bool is_exact;            /* ip is where a signal struck */
    bool is_opaque;           /* libunwind found its caller: no slots tell */
};

struct mt_stack_memory {
    uint32_t depth_limit;
    uint32_t epoch;
    uint32_t remembered_count;
    struct mt_stack_bounds bounds;
    uint8_t exact[512];   /* for the unwinder */
    struct frame *frames; /* remembered[0] is the outermost */
    struct frame *fresh;  /* of this walk, innermost first */
};

static size_t memory_byte_count(uint32_t depth_limit)
{
    return sizeof(struct mt_stack_memory) +
           2 * (size_t)depth_limit * sizeof(struct frame);
}

static MT_COLD struct mt_stack_memory *new_memory(void)
{
    uint32_t depth_limit = mt_process.options.depth;
    struct mt_stack_memory *memory =
        mt_pages_map(memory_byte_count(depth_limit));
    if (!memory)
        return NULL;
    memory->depth_limit = depth_limit;
    memory->frames = (struct frame *)(memory + 1);
    memory->fresh = memory->frames + depth_limit;
    return memory;
}

void mt_stack_forget(struct mt_thread_state *thread)
{
    if (thread->stack)
        thread->stack->remembered_count = 0;
}

/* ------------------------------------------------------------------ roots */

static MT_COLD void count_truncated(void)
{
    _Atomic uint64_t *truncated =
        (_Atomic uint64_t *)&mt_trace_file_header()->truncated_stacks;
    atomic_fetch_add_explicit(truncated, 1, memory_order_relaxed);
}

/* What the outermost frame hangs from. */
static uint32_t root_of(uint32_t epoch, bool is_truncated)
{
    if (is_truncated)
        count_truncated();
    else if (!epoch)
        return 0;
    return mt_stack_table_intern(
        0, epoch, MT_NODE_ROOT | (is_truncated ? MT_NODE_TRUNCATED : 0));
}

/* ---------------------------------------------------------------- tier 1 */

enum step_result { STEP_CALLER, STEP_OUTERMOST, STEP_LOST };

/* libunwind steps over a frame that has no rule. */
static MT_COLD enum step_result
ask_libunwind(struct frame *frame, enum mt_rule_kind kind, struct frame *caller)
{
    struct mt_unwinder_frame from = {frame->ip, frame->sp, frame->fp,
                                     frame->is_exact};
    struct mt_unwinder_frame to;
    frame->is_opaque = true;
    if (!mt_unwinder_is_loaded())
        return STEP_LOST;
    bool is_found = kind == MT_RULE_UNWIND
                        ? mt_unwinder_caller_from_here(&from, &to)
                        : mt_unwinder_caller(&from, &to);
    if (!is_found)
        return STEP_OUTERMOST;
    *caller = (struct frame){.ip = to.ip,
                             .sp = to.sp,
                             .fp = to.fp,
                             .is_exact = kind == MT_RULE_SIGNAL};
    return STEP_CALLER;
}

/* From `frame` to its caller; notes in `frame` which slots were read. Once a
 * frame has been guessed, nothing further out is certain to be on the stack
 * (*is_guessed, for the rest of the walk), and is looked at before it is read. */
static inline enum step_result step(struct mt_stack_memory *memory,
                                    struct frame *frame, struct frame *caller,
                                    bool *is_guessed)
{
    /* Rules are of return addresses, which lie behind their call. */
    struct mt_frame_rule rule =
        mt_frame_rule_of(frame->ip + frame->is_exact, memory->epoch);
    uintptr_t cfa;
    switch (rule.kind) {
    case MT_RULE_SP:
        cfa = frame->sp + (uintptr_t)(intptr_t)rule.cfa_offset;
        break;
    case MT_RULE_FP:
        cfa = frame->fp + (uintptr_t)(intptr_t)rule.cfa_offset;
        break;
    case MT_RULE_GUESS:
        *is_guessed = true;
        cfa = frame->fp + 2 * sizeof(void *);
        rule.saves_fp = true;
        rule.fp_offset = -2 * (int)sizeof(void *);
        break;
    case MT_RULE_OUTERMOST:
        return STEP_OUTERMOST;
    default:
        return ask_libunwind(frame, rule.kind, caller);
    }
    /* A caller's frame is above its callee's, always; anything else is a sign
     * of unwind information that is wrong. */
    uintptr_t fp_slot = cfa + (uintptr_t)(intptr_t)rule.fp_offset;
    if (MT_UNLIKELY(*is_guessed)) {
        uintptr_t end = mt_stack_bounds_end(&memory->bounds, frame->sp);
        if (cfa <= frame->sp || cfa % sizeof(void *) || cfa > end ||
            (rule.saves_fp &&
             (fp_slot < frame->sp || fp_slot > end - sizeof(void *))))
            return STEP_OUTERMOST;
    } else if (MT_UNLIKELY(cfa <= frame->sp || cfa % sizeof(void *))) {
        return STEP_LOST;
    }
    frame->ip_slot = (const uintptr_t *)(cfa - sizeof(void *));
    *caller = (struct frame){.ip = *frame->ip_slot, .sp = cfa, .fp = frame->fp};
    if (rule.saves_fp) {
        frame->fp_slot = (const uintptr_t *)fp_slot;
        caller->fp = *frame->fp_slot;
    }
    return caller->ip ? STEP_CALLER : STEP_OUTERMOST;
}

/* ---------------------------------------------------------------- tier 0 */

#define ALL_HOLD UINT32_MAX

/* Given that remembered frame `index` is on the stack now: ALL_HOLD when all
 * frames outside it are too, as every slot that led to them has its word;
 * else the outermost one that certainly is. Slots are read in the order of
 * the walk, so each is known to be on the stack before it is read. */
static uint32_t outermost_that_holds(const struct mt_stack_memory *memory,
                                     uint32_t index)
{
    const struct frame *frames = memory->frames;
    for (uint32_t i = index; i > 0; i--)
        if (frames[i].is_opaque || *frames[i].ip_slot != frames[i - 1].ip ||
            (frames[i].fp_slot && *frames[i].fp_slot != frames[i - 1].fp))
            return i;
    /* The outermost ended by its rule, or by a return address of zero. */
    if (frames[0].is_opaque)
        return 0;
    return !frames[0].ip_slot || !*frames[0].ip_slot ? ALL_HOLD : 0;
}

/* Appends fresh[0..count) (innermost first) to the `kept` outermost remembered
 * frames, giving ids; returns the innermost's, 0 when there is no room. */
static uint32_t remember(struct mt_stack_memory *memory, uint32_t kept,
                         uint32_t count, uint32_t parent)
{
    memory->remembered_count = 0; /* should interning fail half-way */
    for (uint32_t i = count; i-- > 0;) {
        struct frame *frame = &memory->fresh[i];
        parent = mt_stack_table_intern(
            parent, frame->ip,
            MT_NODE_FRAME | (frame->is_exact ? MT_NODE_EXACT : 0));
        if (!parent)
            return 0;
        frame->id = parent;
        memory->frames[kept + count - 1 - i] = *frame;
    }
    memory->remembered_count = kept + count;
    return parent;
}

/* ----------------------------------------------------------------- capture */

static uint32_t walk(struct mt_stack_memory *memory,
                     const struct mt_caller *door)
{
    struct frame next = {.ip = door->ip, .sp = door->sp, .fp = door->fp};
    uint32_t candidate = memory->remembered_count; /* innermost is last */
    uint32_t count = 0;
    bool is_guessed = false;
    enum step_result result = STEP_CALLER;
    while (count < memory->depth_limit && result == STEP_CALLER) {
        while (candidate > 0 && memory->frames[candidate - 1].sp < next.sp)
            candidate--;
        if (candidate > 0) {
            const struct frame *known = &memory->frames[candidate - 1];
            if (known->sp == next.sp && known->ip == next.ip &&
                known->fp == next.fp && known->is_exact == next.is_exact &&
                candidate + count <= memory->depth_limit) {
                uint32_t held = outermost_that_holds(memory, candidate - 1);
                if (held == ALL_HOLD)
                    return remember(memory, candidate, count, known->id);
                candidate = held; /* those further in need no second look */
            }
        }
        memory->fresh[count] = next;
        result = step(memory, &memory->fresh[count++], &next, &is_guessed);
    }
    if (result == STEP_OUTERMOST)
        return remember(memory, 0, count, root_of(memory->epoch, false));
    /* Deeper than the limit, or unwind information that leads nowhere: the
     * innermost frames are kept, and nothing is remembered, as the last of
     * them is not an outermost one. */
    uint32_t id = remember(memory, 0, count, root_of(memory->epoch, true));
    memory->remembered_count = 0;
    return id;
}

/* libunwind's own walk; for tests. */
static uint32_t unwind(struct mt_stack_memory *memory,
                       const struct mt_caller *caller)
{
    bool is_cut;
    uintptr_t *addresses = (uintptr_t *)memory->fresh;
    size_t count =
        mt_unwinder_walk(caller->ip, caller->sp, addresses, memory->exact,
                         memory->depth_limit, &is_cut);
    uint32_t id = root_of(memory->epoch, is_cut);
    for (size_t i = count; i-- > 0;) {
        bool is_exact = memory->exact[i / 8] >> i % 8 & 1;
        id = mt_stack_table_intern(
            id, addresses[i], MT_NODE_FRAME | (is_exact ? MT_NODE_EXACT : 0));
        if (!id)
            return 0;
    }
    return id;
}

/* The modes that tests use: libunwind alone, or both ways compared. */
static MT_COLD uint32_t slow_capture(struct mt_stack_memory *memory,
                                     const struct mt_caller *caller)
{
    if (mt_process.options.unwinder == MT_UNWINDER_LIBUNWIND)
        return unwind(memory, caller);
    uint32_t id = walk(memory, caller);
    mt_stack_compare(id, caller, memory->depth_limit);
    return id;
}

uint32_t mt_stack_capture(struct mt_thread_state *thread,
                          const struct mt_caller *caller)
{
    struct mt_stack_memory *memory = thread->stack;
    if (MT_UNLIKELY(!memory)) {
        memory = thread->stack = new_memory();
        if (!memory)
            return 0;
    }
    uint32_t epoch = MT_UNLIKELY(thread->closing_epoch)
                         ? thread->closing_epoch - 1
                         : mt_images_epoch();
    if (MT_UNLIKELY(memory->epoch != epoch)) {
        memory->epoch = epoch;
        memory->remembered_count = 0;
    }
    if (MT_UNLIKELY(mt_process.options.unwinder > MT_UNWINDER_TIERS))
        return slow_capture(memory, caller);
    uint32_t id = walk(memory, caller);
    if (MT_UNLIKELY(!id))
        count_truncated(); /* wholly: the trie had no room for it */
    return id;
}
