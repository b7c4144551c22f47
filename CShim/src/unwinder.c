/* SPDX-License-Identifier: Apache-2.0
 *
 * See unwinder.h. Caching is switched off: libunwind's caches take locks and
 * are not told of unloaded images, and every address is asked for only once
 * (frame_rule.c remembers the answer).
 */
#include "unwinder.h"

#include "attributes.h"
#include "descriptor.h"
#include "real.h"

#define UNW_LOCAL_ONLY
#include <libunwind.h>
#include <string.h>
#include <sys/stat.h>

/* The names that libunwind.h's macros stand for, as strings. */
#define TEXT_OF(name) #name
#define NAME_OF(name) TEXT_OF(name)

#define LIBRARY "libunwind.so.8"

static struct {
    int (*get_context)(unw_context_t *);
    int (*init_local)(unw_cursor_t *, unw_context_t *);
    int (*init_local2)(unw_cursor_t *, unw_context_t *, int);
    int (*step)(unw_cursor_t *);
    int (*get_reg)(unw_cursor_t *, int, unw_word_t *);
    int (*get_save_loc)(unw_cursor_t *, int, unw_save_loc_t *);
    int (*is_signal_frame)(unw_cursor_t *);
    int (*set_caching_policy)(unw_addr_space_t, unw_caching_policy_t);
    unw_addr_space_t *local_addr_space;
    bool is_loaded;
    struct mt_real_image image; /* all zero: not known */
} lib;

static MT_THREAD_LOCAL bool is_at_work;

/* A handler that interrupts libunwind may call the same doors. */
bool mt_unwinder_is_caller(uintptr_t return_address)
{
    return is_at_work &&
           (!lib.image.end || (return_address >= lib.image.start &&
                               return_address < lib.image.end));
}

void mt_unwinder_leave(void)
{
    is_at_work = false;
}

/* --------------------------------------------------------------- its pipe */

static struct {
    int ends[2]; /* -1: none */
    struct stat identities[2];
} own_pipe = {.ends = {-1, -1}};

int mt_unwinder_descriptor(unsigned end)
{
    return own_pipe.ends[end];
}

void mt_unwinder_adopt_pipe(int ends[2])
{
    for (int i = 0; i < 2; i++) {
        ends[i] = mt_descriptor_raise(ends[i]);
        own_pipe.ends[i] = ends[i];
        if (fstat(ends[i], &own_pipe.identities[i]))
            mt_unwinder_give_up();
    }
}

void mt_unwinder_give_up(void)
{
    lib.is_loaded = false;
    own_pipe.ends[0] = own_pipe.ends[1] = -1;
}

/* Before libunwind is used: whether its pipe, if it has one, is still its. */
static bool enter(void)
{
    for (int i = 0; i < 2 && lib.is_loaded && own_pipe.ends[i] >= 0; i++) {
        struct stat status;
        if (fstat(own_pipe.ends[i], &status) ||
            status.st_ino != own_pipe.identities[i].st_ino ||
            status.st_dev != own_pipe.identities[i].st_dev)
            mt_unwinder_give_up();
    }
    is_at_work = lib.is_loaded;
    return is_at_work;
}

/* ---------------------------------------------------------------- library */

bool mt_unwinder_load(void)
{
    void *handle = mt_real_open(LIBRARY);
    if (!handle)
        return false;
#define FIND(field, name)                                                      \
    ((*(void **)(void *)&lib.field = mt_real_symbol(handle, NAME_OF(name))) != \
     NULL)
    lib.is_loaded = FIND(get_context, _Ux86_64_getcontext) &&
                    FIND(init_local, unw_init_local) &&
                    FIND(init_local2, unw_init_local2) &&
                    FIND(step, unw_step) && FIND(get_reg, unw_get_reg) &&
                    FIND(get_save_loc, unw_get_save_loc) &&
                    FIND(is_signal_frame, unw_is_signal_frame) &&
                    FIND(set_caching_policy, unw_set_caching_policy) &&
                    FIND(local_addr_space, unw_local_addr_space);
#undef FIND
    if (lib.is_loaded)
        mt_real_find_image((uintptr_t)lib.step, &lib.image);
    if (enter()) /* opens the pipe, in libunwind 1.6 */
        lib.set_caching_policy(*lib.local_addr_space, UNW_CACHE_NONE);
    is_at_work = false;
    return lib.is_loaded;
}

bool mt_unwinder_is_loaded(void)
{
    return lib.is_loaded;
}

size_t mt_unwinder_walk(uintptr_t ip, uintptr_t sp, uintptr_t *addresses,
                        uint8_t *exact, size_t limit, bool *is_cut)
{
    unw_context_t context;
    unw_cursor_t cursor;
    size_t count = 0;
    bool is_reached = false;
    *is_cut = false;
    memset(exact, 0, (limit + 7) / 8);

    /* From a true context, so that every callee-saved register is right; our
     * own frames are passed over until the door's caller is reached. */
    if (!enter() || lib.get_context(&context) < 0 ||
        lib.init_local(&cursor, &context) < 0) {
        is_at_work = false;
        return 0;
    }
    bool is_signal = false;
    do {
        unw_word_t here, stack;
        if (lib.get_reg(&cursor, UNW_REG_IP, &here) < 0 || !here ||
            lib.get_reg(&cursor, UNW_REG_SP, &stack) < 0)
            break;
        is_reached |= here == ip && stack == sp;
        if (is_reached) {
            if (count == limit) {
                *is_cut = true;
                break;
            }
            /* The frame behind a signal frame is where it struck. */
            if (is_signal)
                exact[count / 8] |= (uint8_t)(1u << count % 8);
            addresses[count++] = here;
        }
        is_signal = lib.is_signal_frame(&cursor) > 0;
    } while (lib.step(&cursor) > 0);
    is_at_work = false;
    return count;
}

/* One step of the cursor, which stands at a frame; what it leads to. */
static bool step_to(unw_cursor_t *cursor, struct mt_unwinder_frame *caller)
{
    unw_word_t ip, sp, fp;
    if (lib.step(cursor) <= 0 || lib.get_reg(cursor, UNW_REG_IP, &ip) < 0 ||
        lib.get_reg(cursor, UNW_REG_SP, &sp) < 0 ||
        lib.get_reg(cursor, UNW_X86_64_RBP, &fp) < 0 || !ip)
        return false;
    *caller = (struct mt_unwinder_frame){ip, sp, fp, false};
    return true;
}

bool mt_unwinder_caller(const struct mt_unwinder_frame *frame,
                        struct mt_unwinder_frame *caller)
{
    unw_context_t context;
    unw_cursor_t cursor;
    memset(&context, 0, sizeof context);
    greg_t *registers = context.uc_mcontext.gregs;
    registers[REG_RIP] = (greg_t)frame->ip;
    registers[REG_RSP] = (greg_t)frame->sp;
    registers[REG_RBP] = (greg_t)frame->fp;
    bool is_found =
        enter() &&
        lib.init_local2(&cursor, &context,
                        frame->is_exact ? UNW_INIT_SIGNAL_FRAME : 0) >= 0 &&
        step_to(&cursor, caller);
    is_at_work = false;
    return is_found;
}

static bool walk_to(const struct mt_unwinder_frame *frame,
                    struct mt_unwinder_frame *caller)
{
    unw_context_t context;
    unw_cursor_t cursor;
    if (lib.get_context(&context) < 0 || lib.init_local(&cursor, &context) < 0)
        return false;
    unw_word_t ip, sp;
    do
        if (lib.get_reg(&cursor, UNW_REG_IP, &ip) < 0 ||
            lib.get_reg(&cursor, UNW_REG_SP, &sp) < 0 || sp > frame->sp)
            return false;
        else if (ip == frame->ip && sp == frame->sp)
            return step_to(&cursor, caller);
    while (lib.step(&cursor) > 0);
    return false;
}

bool mt_unwinder_caller_from_here(const struct mt_unwinder_frame *frame,
                                  struct mt_unwinder_frame *caller)
{
    bool is_found = enter() && walk_to(frame, caller);
    is_at_work = false;
    return is_found;
}

static bool make_step(uintptr_t ip, uintptr_t sp, uintptr_t fp, uintptr_t other,
                      struct mt_unwinder_step *step)
{
    unw_context_t context;
    unw_cursor_t cursor;
    memset(&context, 0, sizeof context);
    greg_t *registers = context.uc_mcontext.gregs;
    static const int others[] = {REG_RBX, REG_R12, REG_R13, REG_R14,
                                 REG_R15, REG_R10, REG_RAX, REG_RDX};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        registers[others[i]] = (greg_t)(other + i * 4096);
    registers[REG_RIP] = (greg_t)ip;
    registers[REG_RSP] = (greg_t)sp;
    registers[REG_RBP] = (greg_t)fp;

    *step = (struct mt_unwinder_step){0};
    if (lib.init_local(&cursor, &context) < 0)
        return false;
    step->is_plain = lib.is_signal_frame(&cursor) <= 0;
    if (lib.step(&cursor) <= 0)
        return true;

    unw_word_t cfa;
    unw_save_loc_t ip_loc, fp_loc;
    if (lib.get_reg(&cursor, UNW_REG_SP, &cfa) < 0 ||
        lib.get_save_loc(&cursor, UNW_REG_IP, &ip_loc) < 0 ||
        lib.get_save_loc(&cursor, UNW_X86_64_RBP, &fp_loc) < 0)
        return false;
    step->has_caller = true;
    step->cfa = cfa;
    step->ip_slot = ip_loc.type == UNW_SLT_MEMORY ? ip_loc.u.addr : 0;
    step->fp_slot = fp_loc.type == UNW_SLT_MEMORY ? fp_loc.u.addr : 0;
    /* An unchanged register is "saved" in the context it came from. */
    if (step->fp_slot == (uintptr_t)&registers[REG_RBP])
        step->fp_slot = 0;
    return true;
}

bool mt_unwinder_step(uintptr_t ip, uintptr_t sp, uintptr_t fp, uintptr_t other,
                      struct mt_unwinder_step *step)
{
    bool is_known = enter() && make_step(ip, sp, fp, other, step);
    is_at_work = false;
    return is_known;
}
