/* SPDX-License-Identifier: Apache-2.0
 *
 * See cfi.h. Formats: DWARF 5 section 6.4, LSB Core 5.0 "Exception Frames"
 * (.eh_frame, .eh_frame_hdr), x86-64 psABI table 3.36 (register numbers).
 */
#include "cfi.h"

#include "cursor.h"
#include "program_headers.h"
#include "real.h"

#include <stddef.h>
#include <string.h>

/* Register numbers of the psABI. */
enum { REGISTER_RBP = 6, REGISTER_RSP = 7, REGISTER_RETURN = 16 };

/* DWARF's pointer encodings, those that linkers write here. */
enum {
    ENCODING_ABSOLUTE = 0x00,
    ENCODING_UDATA4 = 0x03,
    ENCODING_SDATA4 = 0x0b,
    ENCODING_SDATA8 = 0x0c,
    ENCODING_FORMAT = 0x0f,
    ENCODING_PC_RELATIVE = 0x10,
    ENCODING_TABLE = 0x3b, /* relative to the header, sdata4 */
    ENCODING_INDIRECT = 0x80,
};

enum save_kind { SAVE_SAME, SAVE_AT, SAVE_UNDEFINED, SAVE_OTHER };

struct save {
    enum save_kind kind;
    int64_t offset; /* from the CFA, for SAVE_AT */
};

struct row {
    uint64_t cfa_register;
    int64_t cfa_offset;
    bool cfa_is_expression;
    bool cfa_needs_others; /* an expression of registers but sp, fp and ip */
    struct save fp, ip;
};

struct cie {
    uint64_t code_alignment;
    int64_t data_alignment;
    uint64_t return_register;
    uint8_t encoding;
    bool is_signal_frame, has_augmentation;
    struct cursor program;
};

/* ---------------------------------------------------------------- reading */

static uint64_t take_pointer(struct cursor *cursor, uint8_t encoding)
{
    uintptr_t here = (uintptr_t)cursor->at;
    uint64_t value;
    switch (encoding & ENCODING_FORMAT) {
    case ENCODING_UDATA4:
        value = take(cursor, 4);
        break;
    case ENCODING_SDATA4:
        value = (uint64_t)(int64_t)(int32_t)take(cursor, 4);
        break;
    case ENCODING_ABSOLUTE:
    case ENCODING_SDATA8:
        value = take(cursor, 8);
        break;
    default:
        cursor->is_bad = true;
        return 0;
    }
    return encoding & ENCODING_PC_RELATIVE ? value + here : value;
}

/* More than a compiler writes for any function; and what is longer would take
 * its time at each of the function's return addresses. */
#define ENTRY_LIMIT (1u << 16)

/* The bytes of the CIE or FDE at `entry` behind its length; bad where it does
 * not lie in the segment, and for 64-bit DWARF. */
static struct cursor entry_at(const struct mt_segment *segment, uintptr_t entry)
{
    struct cursor bad = {.is_bad = true};
    uint32_t length;
    if (entry < segment->start || entry > segment->end ||
        segment->end - entry < sizeof length)
        return bad;
    memcpy(&length, (const void *)entry, sizeof length);
    const uint8_t *at = (const uint8_t *)entry + sizeof length;
    if (!length || length > ENTRY_LIMIT ||
        length > segment->end - (uintptr_t)at)
        return bad;
    return (struct cursor){.at = at, .end = at + length};
}

static bool read_cie(const struct mt_segment *segment, uintptr_t entry,
                     struct cie *cie)
{
    struct cursor cursor = entry_at(segment, entry);
    uint64_t id = take(&cursor, 4);
    uint64_t version = take_byte(&cursor);
    if (cursor.is_bad || id || (version != 1 && version != 3))
        return false;
    const char *augmentation = (const char *)cursor.at;
    skip(&cursor, strnlen(augmentation, (size_t)(cursor.end - cursor.at)) + 1);
    if (cursor.is_bad) /* it is not terminated */
        return false;
    *cie = (struct cie){.has_augmentation = augmentation[0] == 'z'};
    cie->code_alignment = take_uleb(&cursor);
    cie->data_alignment = take_sleb(&cursor);
    cie->return_register =
        version == 1 ? take_byte(&cursor) : take_uleb(&cursor);
    if (*augmentation && !cie->has_augmentation)
        return false;
    if (cie->has_augmentation) {
        uint64_t length = take_uleb(&cursor);
        struct cursor data = cursor;
        skip(&cursor, length);
        for (const char *letter = augmentation + 1; *letter; letter++) {
            switch (*letter) {
            case 'R':
                cie->encoding = (uint8_t)take_byte(&data);
                break;
            case 'L':
                skip(&data, 1);
                break;
            case 'P': {
                uint8_t encoding = (uint8_t)take_byte(&data);
                take_pointer(&data, encoding);
                break;
            }
            case 'S':
                cie->is_signal_frame = true;
                break;
            default:
                return false;
            }
        }
        if (data.is_bad)
            return false;
    }
    cie->program = cursor;
    return !cursor.is_bad && cie->return_register == REGISTER_RETURN;
}

/* ---------------------------------------------------------------- running */

#define STATE_LIMIT 8

struct machine {
    const struct cie *cie;
    struct row row, initial;
    struct row saved[STATE_LIMIT];
    unsigned saved_count;
    uintptr_t location, target;
};

/* The column that holds a register's rule, or NULL for those not needed. */
static struct save *column(struct row *row, uint64_t number)
{
    return number == REGISTER_RBP      ? &row->fp
           : number == REGISTER_RETURN ? &row->ip
                                       : NULL;
}

/* Offsets wrap around, in what is no program of a compiler's. */
static int64_t times(uint64_t number, int64_t factor)
{
    return (int64_t)(number * (uint64_t)factor);
}

static void set(struct machine *machine, uint64_t number, enum save_kind kind,
                int64_t offset)
{
    struct save *save = column(&machine->row, number);
    if (save)
        *save = (struct save){kind, offset};
}

static void restore(struct machine *machine, uint64_t number)
{
    struct save *save = column(&machine->row, number);
    if (save)
        *save = *column(&machine->initial, number);
}

static bool advance(struct machine *machine, uint64_t delta)
{
    machine->location += delta * machine->cie->code_alignment;
    return machine->location <= machine->target;
}

/* Whether an expression uses anything but sp, fp, ip and memory they lead to;
 * true for operations that compilers do not use here. */
static bool needs_others(struct cursor expression)
{
    while (expression.at < expression.end && !expression.is_bad) {
        unsigned operation = (unsigned)take_byte(&expression);
        switch (operation) {
        case 0x06: /* deref */
        case 0x1a: /* and */
        case 0x1c: /* minus */
        case 0x22: /* plus */
        case 0x24: /* shl */
        case 0x2a: /* ge */
            break;
        case 0x08: /* const1u */
            skip(&expression, 1);
            break;
        case 0x23: /* plus_uconst */
            take_uleb(&expression);
            break;
        case 0x70 + REGISTER_RBP: /* breg */
        case 0x70 + REGISTER_RSP:
        case 0x70 + REGISTER_RETURN:
            take_sleb(&expression);
            break;
        default:
            if (operation < 0x30 || operation > 0x4f) /* lit0 to lit31 */
                return true;
        }
    }
    return expression.is_bad;
}

enum outcome { GO_ON, REACHED, UNKNOWN };

/* The instructions whose low six bits are a code of their own. */
static enum outcome run_extended(struct machine *machine, unsigned code,
                                 struct cursor *cursor)
{
    struct row *row = &machine->row;
    int64_t factor = machine->cie->data_alignment;
    uint64_t number;
    switch (code) {
    case 0x00: /* nop */
        break;
    case 0x02: /* advance_loc1 */
        return advance(machine, take_byte(cursor)) ? GO_ON : REACHED;
    case 0x03: /* advance_loc2 */
        return advance(machine, take(cursor, 2)) ? GO_ON : REACHED;
    case 0x04: /* advance_loc4 */
        return advance(machine, take(cursor, 4)) ? GO_ON : REACHED;
    case 0x05: /* offset_extended */
        number = take_uleb(cursor);
        set(machine, number, SAVE_AT, times(take_uleb(cursor), factor));
        break;
    case 0x06: /* restore_extended */
        restore(machine, take_uleb(cursor));
        break;
    case 0x07: /* undefined */
        set(machine, take_uleb(cursor), SAVE_UNDEFINED, 0);
        break;
    case 0x08: /* same_value */
        set(machine, take_uleb(cursor), SAVE_SAME, 0);
        break;
    case 0x09: /* register */
        number = take_uleb(cursor);
        take_uleb(cursor);
        set(machine, number, SAVE_OTHER, 0);
        break;
    case 0x0a: /* remember_state */
        if (machine->saved_count == STATE_LIMIT)
            return UNKNOWN;
        machine->saved[machine->saved_count++] = *row;
        break;
    case 0x0b: /* restore_state */
        if (!machine->saved_count)
            return UNKNOWN;
        *row = machine->saved[--machine->saved_count];
        break;
    case 0x0c: /* def_cfa */
        row->cfa_register = take_uleb(cursor);
        row->cfa_offset = (int64_t)take_uleb(cursor);
        row->cfa_is_expression = false;
        break;
    case 0x0d: /* def_cfa_register */
        row->cfa_register = take_uleb(cursor);
        break;
    case 0x0e: /* def_cfa_offset */
        row->cfa_offset = (int64_t)take_uleb(cursor);
        break;
    case 0x0f: { /* def_cfa_expression */
        uint64_t length = take_uleb(cursor);
        struct cursor expression = *cursor;
        skip(cursor, length);
        expression.end = cursor->at;
        row->cfa_is_expression = true;
        row->cfa_needs_others = needs_others(expression);
        break;
    }
    case 0x10: /* expression */
    case 0x16: /* val_expression */
        number = take_uleb(cursor);
        skip(cursor, take_uleb(cursor));
        set(machine, number, SAVE_OTHER, 0);
        break;
    case 0x11: /* offset_extended_sf */
        number = take_uleb(cursor);
        set(machine, number, SAVE_AT,
            times((uint64_t)take_sleb(cursor), factor));
        break;
    case 0x12: /* def_cfa_sf */
        row->cfa_register = take_uleb(cursor);
        row->cfa_offset = times((uint64_t)take_sleb(cursor), factor);
        row->cfa_is_expression = false;
        break;
    case 0x13: /* def_cfa_offset_sf */
        row->cfa_offset = times((uint64_t)take_sleb(cursor), factor);
        break;
    case 0x14: /* val_offset */
        number = take_uleb(cursor);
        take_uleb(cursor);
        set(machine, number, SAVE_OTHER, 0);
        break;
    case 0x2e: /* GNU_args_size: of no concern to rsp on x86-64 */
        take_uleb(cursor);
        break;
    default:
        return UNKNOWN;
    }
    return GO_ON;
}

/* Runs `program` until it ends or leads beyond the target. */
static enum outcome run(struct machine *machine, struct cursor program)
{
    enum outcome outcome = GO_ON;
    while (outcome == GO_ON && program.at < program.end && !program.is_bad) {
        unsigned byte = (unsigned)take_byte(&program);
        unsigned operand = byte & 0x3f;
        switch (byte >> 6) {
        case 1: /* advance_loc */
            outcome = advance(machine, operand) ? GO_ON : REACHED;
            break;
        case 2: /* offset */
            set(machine, operand, SAVE_AT,
                times(take_uleb(&program), machine->cie->data_alignment));
            break;
        case 3: /* restore */
            restore(machine, operand);
            break;
        default:
            outcome = run_extended(machine, operand, &program);
        }
    }
    return program.is_bad ? UNKNOWN : outcome;
}

/* ------------------------------------------------------------- the table */

/* .eh_frame_hdr, as every linker writes it: header, then pairs in order. */
struct frame_header {
    uint8_t version, pointer_encoding, count_encoding, table_encoding;
    int32_t frames;
    uint32_t count;
    struct {
        int32_t location, entry; /* relative to this header */
    } table[];
};

/* Whether it is one, and lies in the segment with all its table. */
static bool is_known_form(const struct mt_segment *segment,
                          const struct frame_header *header)
{
    uintptr_t table = (uintptr_t)header + sizeof *header;
    return !((uintptr_t)header % _Alignof(struct frame_header)) &&
           (uintptr_t)header >= segment->start && table <= segment->end &&
           header->count <= (segment->end - table) / sizeof *header->table &&
           header->version == 1 && header->count_encoding == ENCODING_UDATA4 &&
           header->table_encoding == ENCODING_TABLE && header->count &&
           (header->pointer_encoding & ENCODING_FORMAT) == ENCODING_SDATA4;
}

/* The address of the FDE whose function may hold `address`, or 0. Which half it
 * is in nobody can foresee: a branch would be taken wrongly every other time, so
 * there is none, and both places that may be next are fetched. */
static uintptr_t find_entry(const struct frame_header *header,
                            uintptr_t address)
{
    int64_t wanted = (int64_t)(address - (uintptr_t)header);
    uint32_t low = 0;
    for (uint32_t count = header->count; count > 1;) {
        uint32_t half = count / 2, quarter = (count - half) / 2;
        uint32_t middle = low + half;
        __builtin_prefetch(&header->table[low + quarter]);
        __builtin_prefetch(&header->table[middle + quarter]);
        /* Or the compiler makes a branch of it. */
        __asm__("" : "+r"(middle));
        low = header->table[middle].location <= wanted ? middle : low;
        count -= half;
    }
    if (header->table[low].location > wanted)
        return 0;
    return (uintptr_t)header + (uintptr_t)header->table[low].entry;
}

static struct mt_frame_rule rule_of_kind(enum mt_rule_kind kind)
{
    return (struct mt_frame_rule){.kind = (uint8_t)kind};
}

static struct mt_frame_rule rule_of(const struct row *row)
{
    if (row->ip.kind == SAVE_UNDEFINED)
        return rule_of_kind(MT_RULE_OUTERMOST);
    if (row->cfa_is_expression)
        return rule_of_kind(row->cfa_needs_others ? MT_RULE_UNWIND
                                                  : MT_RULE_STEP);
    int64_t limit = 1 << 28;
    if (row->ip.kind != SAVE_AT || row->ip.offset != -8 ||
        row->fp.kind == SAVE_OTHER || row->fp.kind == SAVE_UNDEFINED ||
        (row->cfa_register != REGISTER_RSP &&
         row->cfa_register != REGISTER_RBP) ||
        row->cfa_offset > limit || row->cfa_offset < -limit ||
        row->fp.offset > limit || row->fp.offset < -limit)
        return rule_of_kind(MT_RULE_UNWIND);
    bool saves_fp = row->fp.kind == SAVE_AT;
    return (struct mt_frame_rule){
        .kind = row->cfa_register == REGISTER_RSP ? MT_RULE_SP : MT_RULE_FP,
        .saves_fp = saves_fp,
        .cfa_offset = (int32_t)row->cfa_offset,
        .fp_offset = saves_fp ? (int32_t)row->fp.offset : 0,
    };
}

/* The rule at `target` of the function that `entry`, an FDE, is of. */
static enum mt_cfi_answer run_entry(const struct mt_segment *segment,
                                    uintptr_t entry, uintptr_t target,
                                    struct mt_frame_rule *rule)
{
    struct cursor cursor = entry_at(segment, entry);
    uintptr_t cie_pointer = (uintptr_t)cursor.at;
    uint64_t distance = take(&cursor, 4);
    struct cie cie;
    if (cursor.is_bad || !distance ||
        !read_cie(segment, cie_pointer - distance, &cie) ||
        cie.encoding & ENCODING_INDIRECT)
        return MT_CFI_UNKNOWN;
    uintptr_t start = take_pointer(&cursor, cie.encoding);
    uintptr_t length = take_pointer(&cursor, cie.encoding & ENCODING_FORMAT);
    if (cie.has_augmentation)
        skip(&cursor, take_uleb(&cursor));
    if (cursor.is_bad)
        return MT_CFI_UNKNOWN;
    if (target < start || target - start >= length)
        return MT_CFI_NONE;
    if (cie.is_signal_frame) {
        *rule = rule_of_kind(MT_RULE_SIGNAL);
        return MT_CFI_FOUND;
    }

    struct machine machine; /* saved is filled before it is used */
    machine.cie = &cie;
    machine.location = start;
    machine.target = target;
    machine.saved_count = 0;
    machine.row = machine.initial = (struct row){0};
    if (run(&machine, cie.program) == UNKNOWN)
        return MT_CFI_UNKNOWN;
    machine.initial = machine.row;
    if (run(&machine, cursor) == UNKNOWN)
        return MT_CFI_UNKNOWN;
    *rule = rule_of(&machine.row);
    return MT_CFI_FOUND;
}

enum mt_cfi_answer mt_cfi_rule_in(const struct mt_segment *segment,
                                  const void *eh_frame_header, uintptr_t target,
                                  struct mt_frame_rule *rule)
{
    const struct frame_header *header = eh_frame_header;
    if (!is_known_form(segment, header))
        return MT_CFI_UNKNOWN;
    uintptr_t entry = find_entry(header, target);
    return entry ? run_entry(segment, entry, target, rule) : MT_CFI_NONE;
}

enum mt_cfi_answer mt_cfi_rule(uintptr_t ip, struct mt_frame_rule *rule)
{
    uintptr_t target = ip - 1; /* inside the call */
    struct mt_real_image image;
    if (!mt_real_can_find_images())
        return MT_CFI_UNKNOWN;
    if (!mt_real_find_image(target, &image) || !image.eh_frame_header)
        return MT_CFI_NONE;
    struct mt_program_headers headers;
    struct mt_segment segment;
    if (!mt_program_headers_find(&image, &headers) ||
        !mt_program_headers_segment(&headers, (uintptr_t)image.eh_frame_header,
                                    &segment))
        return MT_CFI_UNKNOWN;
    return mt_cfi_rule_in(&segment, image.eh_frame_header, target, rule);
}
