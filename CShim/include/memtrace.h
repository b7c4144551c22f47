/* SPDX-License-Identifier: Apache-2.0
 *
 * For programs that want to say something to the memtrace that traces them.
 * Include this header and link nothing: without libmemtrace.so preloaded every
 * call here does nothing. Safe from any thread, also before main.
 *
 * In position-dependent code (-no-pie) some linkers settle a missing function
 * at link time; compile with -fPIE or -fPIC, the default of today's compilers.
 */
#ifndef MEMTRACE_H
#define MEMTRACE_H

#ifdef __cplusplus
extern "C" {
#endif

#ifdef MEMTRACE_IMPLEMENTATION
#define MEMTRACE_WEAK
#else
#define MEMTRACE_WEAK __attribute__((weak, visibility("default")))
#endif

/* Writes an instant called `name` (UTF-8, cut at 1024 bytes) into the trace,
 * for `memtrace report --from NAME --to NAME`. */
void memtrace_mark(const char *name) MEMTRACE_WEAK;

/* The same, for an instant at which the live heap is to be compared. */
void memtrace_snapshot(const char *name) MEMTRACE_WEAK;

/* From here on blocks that begin are not recorded; the ends of those recorded
 * before still are, so nothing looks lost that is not. For the whole process;
 * calls do not nest. */
void memtrace_pause(void) MEMTRACE_WEAK;
void memtrace_resume(void) MEMTRACE_WEAK;

/* 1 while blocks that begin are recorded, 0 otherwise. */
int memtrace_is_recording(void) MEMTRACE_WEAK;

#ifdef __cplusplus
}
#endif

#ifndef MEMTRACE_IMPLEMENTATION
#define memtrace_mark(name) (memtrace_mark ? memtrace_mark(name) : (void)(name))
#define memtrace_snapshot(name) \
    (memtrace_snapshot ? memtrace_snapshot(name) : (void)(name))
#define memtrace_pause() (memtrace_pause ? memtrace_pause() : (void)0)
#define memtrace_resume() (memtrace_resume ? memtrace_resume() : (void)0)
#define memtrace_is_recording() \
    (memtrace_is_recording ? memtrace_is_recording() : 0)
#endif

#endif
