/* SPDX-License-Identifier: Apache-2.0
 *
 * The compiler's words that more than one file needs, under our names.
 */
#ifndef MT_ATTRIBUTES_H
#define MT_ATTRIBUTES_H

/* Seen outside the library; libmemtrace.map lists the same names. */
#define MT_EXPORT __attribute__((visibility("default")))
/* Static TLS: never a call to __tls_get_addr, which may allocate. */
#define MT_THREAD_LOCAL _Thread_local __attribute__((tls_model("initial-exec")))
#define MT_LIKELY(condition) __builtin_expect(!!(condition), 1)
#define MT_UNLIKELY(condition) __builtin_expect(!!(condition), 0)
/* On the way of every event: a call would cost more than the room. */
#define MT_INLINE inline __attribute__((always_inline))
#define MT_COLD __attribute__((cold, noinline))

#endif
