/* SPDX-License-Identifier: Apache-2.0
 *
 * See frame_rule.h.
 *
 * A rule is read from the image's unwind information. Where cfi.c does not
 * know, it is learned from one libunwind step, made twice over memory of our
 * own with other distances between the registers: what the two steps have in
 * common is the rule.
 */
#include "frame_rule.h"

#include "attributes.h"
#include "cfi.h"
#include "pages.h"
#include "unwinder.h"

#include <errno.h>
#include <stdatomic.h>

/* ------------------------------------------------------------------ table */

/* Open addressing, insert only. `key` is claimed by an exchange from 0; the
 * rule is valid once it is not 0. */
struct entry {
    _Atomic uint64_t key;  /* return address | epoch << 48 */
    _Atomic uint64_t rule; /* packed; never 0 */
};

#define FIRST_SIZE 8192u
#define GROWTH 4u
#define LARGEST_SIZE (8u << 20)

struct table {
    uint32_t mask;
    _Atomic uint32_t used;
    struct entry entries[];
};

static struct {
    _Atomic(struct table *) table;
    _Atomic uint32_t growing;
    _Atomic(char *) probe; /* memory to unwind over, see probe_memory */
} state;

static size_t table_byte_count(uint32_t size)
{
    return sizeof(struct table) + size * sizeof(struct entry);
}

static struct table *new_table(uint32_t size)
{
    struct table *table = mt_pages_map_populated(table_byte_count(size));
    if (table)
        table->mask = size - 1;
    return table;
}

static uint32_t slot_of(const struct table *table, uint64_t key)
{
    return (uint32_t)(key * 0x9e3779b97f4a7c15u >> 32) & table->mask;
}

static struct entry *claim(struct table *table, uint64_t key)
{
    for (uint32_t i = slot_of(table, key);; i = (i + 1) & table->mask) {
        uint64_t found = 0;
        struct entry *entry = &table->entries[i];
        if (atomic_compare_exchange_strong_explicit(&entry->key, &found, key,
                                                    memory_order_relaxed,
                                                    memory_order_relaxed)) {
            atomic_fetch_add_explicit(&table->used, 1, memory_order_relaxed);
            return entry;
        }
        if (found == key)
            return entry;
    }
}

/* The next table is a copy four times the size, or an empty one when the
 * largest is full (code that is generated for ever). The old one stays mapped:
 * other threads may be reading it. */
static MT_COLD void grow(struct table *old)
{
    uint32_t nobody = 0;
    if (!atomic_compare_exchange_strong(&state.growing, &nobody, 1))
        return;
    if (atomic_load(&state.table) == old) {
        uint32_t size = old->mask + 1;
        bool is_largest = size >= LARGEST_SIZE;
        struct table *next = new_table(is_largest ? FIRST_SIZE : size * GROWTH);
        for (uint32_t i = 0; next && !is_largest && i < size; i++) {
            uint64_t rule = atomic_load(&old->entries[i].rule);
            if (rule)
                atomic_store(
                    &claim(next, atomic_load(&old->entries[i].key))->rule,
                    rule);
        }
        if (next)
            atomic_store_explicit(&state.table, next, memory_order_release);
    }
    atomic_store(&state.growing, 0);
}

static MT_COLD uint64_t learn_and_remember(struct table *table, uint64_t key,
                                           uintptr_t ip)
{
    int saved_errno = errno;
    uint64_t rule = mt_frame_rule_packed(mt_frame_rule_learn(ip));
    uint32_t used = atomic_load_explicit(&table->used, memory_order_relaxed);
    if (used < table->mask / 8 * 7)
        /* Release: partner of the acquire in mt_frame_rule_of. */
        atomic_store_explicit(&claim(table, key)->rule, rule,
                              memory_order_release);
    if (used > table->mask / 8 * 6)
        grow(table);
    errno = saved_errno;
    return rule;
}

uint64_t mt_frame_rule_of(uintptr_t ip, uint32_t epoch)
{
    uint64_t key = mt_frame_rule_key(ip, epoch);
    struct table *table =
        atomic_load_explicit(&state.table, memory_order_acquire);
    if (MT_UNLIKELY(!table || !ip || ip >> 47))
        return MT_RULE_UNWIND;
    for (uint32_t i = slot_of(table, key);; i = (i + 1) & table->mask) {
        uint64_t found =
            atomic_load_explicit(&table->entries[i].key, memory_order_relaxed);
        if (MT_UNLIKELY(!found))
            break;
        if (found == key) {
            uint64_t rule = atomic_load_explicit(&table->entries[i].rule,
                                                 memory_order_acquire);
            if (MT_LIKELY(rule))
                return rule;
            break; /* another thread is learning it just now */
        }
    }
    return learn_and_remember(table, key, ip);
}

/* --------------------------------------------------------------- learning */

/*   probe                                                    probe + 16 MiB
 *   | before | sp      fp (two distances) ... others ... |   zeros          |
 *            8 KiB                                        256 KiB
 *
 * Each word of the first 256 KiB holds its own address + 64, so that a CFA
 * that is loaded from memory points into it again; the rest is only there to
 * be read by frames of up to 16 MiB. */
#define PROBE_BYTE_COUNT (16u << 20)
#define PROBE_FILLED (256u << 10)
#define PROBE_SP (8u << 10)
#define PROBE_OTHERS (64u << 10)
#define WORD_DISTANCE 64u

/* Made when it is first needed: few programs have code that cfi.c does not
 * know. NULL without memory. */
static char *probe_memory(void)
{
    char *probe = atomic_load(&state.probe);
    if (probe)
        return probe;
    char *made = mt_pages_map(PROBE_BYTE_COUNT);
    for (uintptr_t i = 0; made && i < PROBE_FILLED; i += 8)
        *(uintptr_t *)(void *)(made + i) = (uintptr_t)made + i + WORD_DISTANCE;
    if (!made || atomic_compare_exchange_strong(&state.probe, &probe, made))
        return made;
    mt_pages_unmap(made, PROBE_BYTE_COUNT);
    return probe;
}

void mt_frame_rule_begin(void)
{
    if (!atomic_load(&state.table))
        atomic_store(&state.table, new_table(FIRST_SIZE));
}

static struct mt_frame_rule rule_of_kind(enum mt_rule_kind kind)
{
    return (struct mt_frame_rule){.kind = (uint8_t)kind};
}

struct mt_frame_rule mt_frame_rule_learn(uintptr_t ip)
{
    struct mt_frame_rule rule;
    if (!mt_unwinder_is_loaded())
        return rule_of_kind(MT_RULE_GUESS);
    switch (mt_cfi_rule(ip, &rule)) {
    case MT_CFI_FOUND:
        return rule;
    case MT_CFI_NONE:
        return rule_of_kind(MT_RULE_GUESS);
    default:
        return mt_frame_rule_probe(ip);
    }
}

struct mt_frame_rule mt_frame_rule_probe(uintptr_t ip)
{
    char *probe = probe_memory();
    if (!probe)
        return rule_of_kind(MT_RULE_UNWIND);

    uintptr_t sp = (uintptr_t)probe + PROBE_SP;
    uintptr_t fp_1 = sp + 0x400, fp_2 = sp + 0xa00;
    uintptr_t others = (uintptr_t)probe + PROBE_OTHERS;
    struct mt_unwinder_step one, two;
    if (!mt_unwinder_step(ip, sp, fp_1, others, &one) ||
        !mt_unwinder_step(ip, sp, fp_2, others + 0x420, &two) ||
        one.has_caller != two.has_caller)
        return rule_of_kind(MT_RULE_UNWIND);
    if (!one.is_plain)
        return rule_of_kind(MT_RULE_SIGNAL);
    if (!one.has_caller)
        return rule_of_kind(MT_RULE_OUTERMOST);

    /* libunwind without unwind information reads fp[1] and fp[0] and leaves
     * the stack pointer where it should not be (Gstep.c, x86-64). */
    if (one.ip_slot == fp_1 + 8 && one.fp_slot == fp_1 &&
        one.cfa != fp_1 + 16 && two.ip_slot == fp_2 + 8)
        return rule_of_kind(MT_RULE_GUESS);

    struct mt_frame_rule rule = {0};
    intptr_t offset;
    if (one.cfa == two.cfa) {
        rule.kind = MT_RULE_SP;
        offset = (intptr_t)(one.cfa - sp);
    } else if (one.cfa - fp_1 == two.cfa - fp_2) {
        rule.kind = MT_RULE_FP;
        offset = (intptr_t)(one.cfa - fp_1);
    } else {
        return rule_of_kind(MT_RULE_UNWIND);
    }
    if (one.ip_slot != one.cfa - 8 || two.ip_slot != two.cfa - 8 ||
        offset > (1 << 28) || offset < -(1 << 28))
        return rule_of_kind(MT_RULE_UNWIND);
    rule.cfa_offset = (int32_t)offset;

    if (one.fp_slot || two.fp_slot) {
        if (one.fp_slot - one.cfa != two.fp_slot - two.cfa)
            return rule_of_kind(MT_RULE_UNWIND);
        intptr_t saved = (intptr_t)(one.fp_slot - one.cfa);
        if (saved > (1 << 28) || saved < -(1 << 28))
            return rule_of_kind(MT_RULE_UNWIND);
        rule.saves_fp = true;
        rule.fp_offset = (int32_t)saved;
    }
    return rule;
}
