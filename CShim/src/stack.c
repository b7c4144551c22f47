/* SPDX-License-Identifier: Apache-2.0
 *
 * See stack.h. Three tiers, each falling back on the next:
 *
 *  0  The remembered stack. A frame with the same (ip, sp, fp) as one of the
 *     last stack has the same callers, if the words that led to them are
 *     unchanged: for a rule of frame_rule.h the caller is a function of
 *     (ip, sp, fp) and of the words in the two slots it reads. fp and the
 *     slots of fp count only where a rule further out goes by fp.
 *  1  The rule of each return address.
 *  2  libunwind, for a frame that has no such rule.
 *
 * Nothing on the stack is ever changed, so exceptions, longjmp, coroutines and
 * generated code need no care.
 */
#include "stack.h"

#include "images.h"
#include "stack_compare.h"
#include "stack_memory.h"
#include "trace_file.h"
#include "unwinder.h"

#include <errno.h>

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
static MT_COLD enum step_result ask_libunwind(struct mt_fresh_frame *frame,
                                              enum mt_rule_kind kind)
{
    struct mt_unwinder_frame from = {frame->ip, frame->sp, frame->fp,
                                     frame->is_exact};
    struct mt_unwinder_frame to;
    frame->is_opaque = true;
    if (!mt_unwinder_is_loaded())
        return STEP_LOST;
    int saved_errno = errno;
    bool is_found = kind == MT_RULE_UNWIND
                        ? mt_unwinder_caller_from_here(&from, &to)
                        : mt_unwinder_caller(&from, &to);
    errno = saved_errno;
    if (!is_found)
        return STEP_OUTERMOST;
    frame[1] = (struct mt_fresh_frame){.ip = to.ip,
                                       .sp = to.sp,
                                       .fp = to.fp,
                                       .is_exact = kind == MT_RULE_SIGNAL};
    return STEP_CALLER;
}

/* Whether the frame at `sp` can have this CFA and fp slot, where both are a
 * guess: all must be on the stack. */
static MT_COLD bool is_plausible(struct mt_stack_memory *memory, uintptr_t sp,
                                 uintptr_t cfa, uintptr_t fp_slot)
{
    uintptr_t end = mt_stack_bounds_end(&memory->bounds, sp);
    return cfa > sp && cfa % sizeof(void *) == 0 && cfa <= end &&
           (!fp_slot || (fp_slot >= sp && fp_slot <= end - sizeof(void *)));
}

/* From `frame` to its caller, frame[1]; notes in `frame` which slots were
 * read. Once a frame has been guessed, nothing further out is certain to be on
 * the stack (*is_guessed, for the rest of the walk), and is looked at before
 * it is read. */
static inline enum step_result step(struct mt_stack_memory *memory,
                                    struct mt_fresh_frame *frame,
                                    bool *is_guessed)
{
    /* Rules are of return addresses, which lie behind their call. */
    uint64_t packed = mt_stack_memory_rule(memory, frame->ip + frame->is_exact);
    struct mt_frame_rule rule = mt_frame_rule_unpacked(packed);
    uintptr_t cfa;
    if (MT_LIKELY(rule.kind == MT_RULE_SP)) {
        cfa = frame->sp + (uintptr_t)(intptr_t)rule.cfa_offset;
    } else if (rule.kind == MT_RULE_FP) {
        cfa = frame->fp + (uintptr_t)(intptr_t)rule.cfa_offset;
        frame->uses_fp = true;
    } else if (rule.kind == MT_RULE_GUESS) {
        cfa = frame->fp + 2 * sizeof(void *);
        rule.saves_fp = true;
        rule.fp_offset = -2 * (int)sizeof(void *);
        frame->uses_fp = true;
        *is_guessed = true;
    } else if (rule.kind == MT_RULE_OUTERMOST) {
        return STEP_OUTERMOST;
    } else {
        return ask_libunwind(frame, rule.kind);
    }
    uintptr_t fp_slot =
        rule.saves_fp ? cfa + (uintptr_t)(intptr_t)rule.fp_offset : 0;
    /* A caller's frame is above its callee's, always; anything else is a sign
     * of unwind information that is wrong. */
    if (MT_UNLIKELY(*is_guessed)) {
        if (!is_plausible(memory, frame->sp, cfa, fp_slot))
            return STEP_OUTERMOST;
    } else if (MT_UNLIKELY(cfa <= frame->sp || cfa % sizeof(void *))) {
        return STEP_LOST;
    }
    frame->ip_slot = (const uintptr_t *)(cfa - sizeof(void *));
    frame->fp_slot = (const uintptr_t *)fp_slot;
    frame[1] = (struct mt_fresh_frame){
        .ip = *frame->ip_slot,
        .sp = cfa,
        .fp = fp_slot ? *frame->fp_slot : frame->fp,
    };
    return frame[1].ip ? STEP_CALLER : STEP_OUTERMOST;
}

/* ----------------------------------------------------------------- capture */

/* Known frames further in than `sp` are gone. */
static inline uint32_t skip_inner(const struct mt_stack_memory *memory,
                                  uint32_t candidate, uintptr_t sp)
{
    while (candidate > 0 && memory->known[candidate - 1].sp < sp)
        candidate--;
    return candidate;
}

static inline bool is_known(const struct mt_known_frame *known,
                            const struct mt_fresh_frame *frame)
{
    return known->sp == frame->sp && known->ip == frame->ip &&
           known->is_exact == frame->is_exact &&
           (!known->needs_fp || known->fp == frame->fp);
}

static inline uint32_t walk(struct mt_stack_memory *memory,
                            const struct mt_caller *door)
{
    struct mt_fresh_frame *frame = memory->fresh;
    *frame = (struct mt_fresh_frame){
        .ip = door->ip, .sp = mt_caller_sp(door), .fp = door->fp};
    uint32_t candidate = memory->known_count; /* innermost is last */
    uint32_t count = 0;
    bool is_guessed = false;
    enum step_result result = STEP_CALLER;
    while (count < memory->depth_limit && result == STEP_CALLER) {
        candidate = skip_inner(memory, candidate, frame->sp);
        if (candidate > 0) {
            const struct mt_known_frame *known = &memory->known[candidate - 1];
            if (is_known(known, frame) &&
                candidate + count <= memory->depth_limit) {
                uint32_t held = mt_stack_memory_holds(memory, candidate - 1);
                if (MT_LIKELY(held == MT_ALL_HOLD))
                    return mt_stack_memory_remember(memory, candidate, count,
                                                    known->id);
                candidate = held; /* those further in need no second look */
            }
        }
        count++;
        result = step(memory, frame++, &is_guessed);
    }
    if (result == STEP_OUTERMOST)
        return mt_stack_memory_remember(memory, 0, count,
                                        root_of(memory->epoch, false));
    /* Deeper than the limit, or unwind information that leads nowhere: the
     * innermost frames are kept, and nothing is remembered, as the last of
     * them is not an outermost one. */
    uint32_t id = mt_stack_memory_remember(memory, 0, count,
                                           root_of(memory->epoch, true));
    memory->known_count = memory->kept_count = 0;
    return id;
}

/* libunwind's own walk; for tests. */
static uint32_t unwind(struct mt_stack_memory *memory,
                       const struct mt_caller *caller)
{
    bool is_cut;
    uintptr_t *addresses = (uintptr_t *)memory->fresh;
    size_t count =
        mt_unwinder_walk(caller->ip, mt_caller_sp(caller), addresses,
                         memory->exact, memory->depth_limit, &is_cut);
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

static uint32_t find_or_walk(struct mt_stack_memory *memory,
                             const struct mt_caller *caller, bool is_sought)
{
    uint32_t id = is_sought
                      ? 0
                      : mt_stack_memory_seek(memory, caller->ip,
                                             mt_caller_sp(caller), caller->fp);
    if (id)
        return id;
    if (memory->found)
        mt_stack_memory_recall(memory);
    id = walk(memory, caller);
    mt_stack_memory_cache(memory);
    return id;
}

/* The modes that tests use: libunwind alone, or both ways compared. */
static MT_COLD uint32_t slow_capture(struct mt_stack_memory *memory,
                                     const struct mt_caller *caller)
{
    int saved_errno = errno;
    uint32_t id;
    if (mt_process.options.unwinder == MT_UNWINDER_LIBUNWIND) {
        id = unwind(memory, caller);
    } else {
        id = find_or_walk(memory, caller, false);
        mt_stack_compare(id, caller, memory->depth_limit);
    }
    errno = saved_errno;
    return id;
}

/* Whether the thread's memory of stacks, which may be made now, is of the
 * present epoch and can be asked without further ado next time. */
static void make_ready(struct mt_thread_state *thread)
{
    struct mt_stack_memory *memory = thread->stack;
    if (MT_UNLIKELY(!memory)) {
        memory = thread->stack = mt_stack_memory_new(mt_process.options.depth);
        if (!memory)
            return;
    }
    uint32_t epoch =
        thread->closing_epoch ? thread->closing_epoch - 1 : mt_images_epoch();
    if (memory->epoch != epoch) {
        memory->epoch = epoch;
        mt_stack_memory_forget(memory);
    }
    if (!thread->closing_epoch &&
        mt_process.options.unwinder <= MT_UNWINDER_TIERS)
        thread->stack_epoch = epoch;
}

uint32_t mt_stack_capture_slowly(struct mt_thread_state *thread,
                                 const struct mt_caller *caller)
{
    bool is_sought = thread->stack_epoch == mt_images_epoch();
    if (!is_sought) {
        make_ready(thread);
        if (MT_UNLIKELY(!thread->stack))
            return 0;
    }
    if (MT_UNLIKELY(mt_process.options.unwinder > MT_UNWINDER_TIERS))
        return slow_capture(thread->stack, caller);
    uint32_t id = find_or_walk(thread->stack, caller, is_sought);
    if (MT_UNLIKELY(!id))
        count_truncated(); /* wholly: the trie had no room for it */
    return id;
}
