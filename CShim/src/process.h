/* SPDX-License-Identifier: Apache-2.0
 *
 * The recording as a whole: whether it runs, since when, in which process.
 */
#ifndef MT_PROCESS_H
#define MT_PROCESS_H

#include "attributes.h"
#include "clock.h"
#include "options.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum mt_phase {
    MT_PHASE_UNBORN = 0, /* a forked child that has not recorded yet */
    MT_PHASE_BEGINNING = 1,
    MT_PHASE_RECORDING = 2,
    MT_PHASE_STOPPED = 3, /* after an error; what is missed is counted */
    MT_PHASE_OFF = 4,     /* by wish, or because no file could be made */
};

/* One page that a forked child finds zeroed, whichever way it was forked, so
 * that it notices at its very first event that the windows are not its own. */
struct mt_process_page {
    _Atomic uint64_t generation;      /* not 0 while recording, unlike any other
                                    process's; 0 otherwise */
    _Atomic uint64_t sample_deadline; /* ticks */
    _Atomic uint32_t paused;
    _Atomic uint32_t phase; /* enum mt_phase */
    _Atomic uint32_t epoch; /* images unloaded so far; see images.h */
    _Atomic uint32_t thread_count;
    /* Moved on before an instant is told that events must be before or after;
     * see stamp.h. */
    _Atomic uint32_t instants;
    _Atomic uint32_t sampling; /* 1 while a thread is at it; see sample.c */
    _Atomic uint64_t missed; /* events that came while the trace was begun, and
                                are to be counted there */
    _Atomic uint64_t sealed_event_count; /* written out or folded; no order:
                                            for stats() of node_module.c */
};

struct mt_process {
    struct mt_process_page *page; /* NULL before the constructor has run */
    struct mt_clock_state clock;
    struct mt_options options;
    uint64_t ticks_per_millisecond;
    size_t fold_byte_limit; /* smaller blocks that die young are folded */
    bool is_node;
};
extern struct mt_process mt_process;

static inline uint64_t mt_process_generation(void)
{
    struct mt_process_page *page = mt_process.page;
    /* Relaxed: a thread that sees an old one records a little longer. */
    return MT_LIKELY(page)
               ? atomic_load_explicit(&page->generation, memory_order_relaxed)
               : 0;
}

/* Whatever any thread records from here on, if it learned of us, is stamped
 * later. */
static inline void mt_process_note_instant(void)
{
    atomic_fetch_add_explicit(&mt_process.page->instants, 1,
                              memory_order_relaxed);
}

/* Now, for a record that events are told from by time. */
static inline uint64_t mt_process_instant(void)
{
    mt_process_note_instant();
    return mt_clock_now(&mt_process.clock);
}

/* Begins the recording in a child that was forked from a traced process. */
void mt_process_begin_child(void);

/* From now on no child that is forked begins a trace of its own. */
void mt_process_confine_children(void);

/* Ends the recording; false when it had ended before. */
bool mt_process_stop(void);

/* An event came while this thread was inside memtrace: from a signal handler
 * that interrupted it. It is counted as lost. */
void mt_process_missed(void);

#endif
