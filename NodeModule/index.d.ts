// SPDX-License-Identifier: Apache-2.0
//
// Types of the module `memtrace`; index.js says what the functions do.

/** Writes an instant called `name` into the trace, for `memtrace report --from NAME`. */
export function mark(name: string): void;

/** The same, for an instant at which the live heap is to be compared. */
export function snapshot(name: string): void;

/** From here on blocks that begin are not recorded. For the whole process; calls do not nest. */
export function pause(): void;
export function resume(): void;

/** Whether blocks that begin are recorded; false in a process that is not traced. */
export function isRecording(): boolean;

export interface Stats {
  /** The trace of this process. */
  tracePath: string;
  /** The preloaded library. */
  libraryPath: string;
  traceBytes: number;
  /** Allocations and frees so far, but for the newest of each thread. */
  events: number;
  lostEvents: number;
  /** Stacks deeper than MEMTRACE_DEPTH. */
  truncatedStacks: number;
  /** What malloc has given out and not got back, as glibc counts it; 0 with another allocator. */
  liveBytes: number;
}

/** Numbers of the recording as they are now; null in a process that is not traced. */
export function stats(): Stats | null;

export interface ObserveOptions {
  /** Between two samples of process.memoryUsage(); 1000 by default. */
  intervalMs?: number;
  /** Whether collections are recorded as well; true by default. */
  collections?: boolean;
}

/**
 * Writes this thread's JavaScript memory and its garbage collections into the trace until `stop()`.
 * Keeps no process alive; does nothing in a process that is not traced.
 */
export function observeMemory(options?: ObserveOptions): { stop(): void };

export interface LeakOptions {
  /** Calls in each batch; 100 by default. */
  iterations?: number;
  /** Calls before the first batch, not measured; as many as `iterations` by default. */
  warmup?: number;
  /** Batches; 5 by default, at least 2. */
  batches?: number;
  /** What may be lost per iteration; 0 by default. */
  maxBytesPerIteration?: number;
  /** Only stacks through an image with such a name: `*.node`. */
  onlyImages?: string | string[];
  /** Files of suppressions, LeakSanitizer's or valgrind's. */
  suppressions?: string | string[];
  /** Whether garbage is collected between batches, or what does it; true by default. */
  gc?: boolean | (() => void);
  /** Without the preloaded library: skip, instead of throwing. */
  skipWithoutShim?: boolean;
  /** The context of the test, whose skip() is called when it is skipped: `t`, mocha's `this`. */
  test?: { skip(reason?: string): unknown };
}

export interface Frame {
  function: string | null;
  file: string | null;
  line: number | null;
  column: number | null;
  image: string | null;
  address: string;
  inlined: boolean;
  kind: 'native' | 'javascript';
}

/** A stack, innermost frame first, whose blocks grow in number. */
export interface LeakSite {
  bytesPerIteration: number;
  blocksPerIteration: number;
  /** Of all batches. */
  bytes: number;
  blocks: number;
  batches: { bytes: number; blocks: number }[];
  stack: Frame[];
}

export interface LeakResult {
  /** Whether more was lost than allowed. */
  leaked: boolean;
  /** Nothing was measured: the process is not traced. */
  skipped: boolean;
  bytesPerIteration: number;
  blocksPerIteration: number;
  iterations: number;
  batches: number;
  maxBytesPerIteration: number;
  /** Largest first. */
  sites: LeakSite[];
  tracePath: string | null;
}

/**
 * Calls `fn` in batches after a warm-up, collects garbage between them, and returns what grew with
 * the iterations. What was allocated once, or comes and goes, is no leak.
 */
export function measureLeak(
  fn: (iteration: number) => unknown, options?: LeakOptions): Promise<LeakResult>;

/** The same, and rejects with a LeakError when more is lost than `maxBytesPerIteration`. */
export function assertNoLeak(
  fn: (iteration: number) => unknown, options?: LeakOptions): Promise<LeakResult>;

export class LeakError extends Error {
  readonly code: 'ERR_MEMTRACE_LEAK';
  readonly result: LeakResult;
  readonly bytesPerIteration: number;
  readonly blocksPerIteration: number;
  readonly sites: LeakSite[];
}

/** A measurement that could not be made. */
export class MemtraceError extends Error {
  readonly code:
    | 'ERR_MEMTRACE_NOT_TRACED'
    | 'ERR_MEMTRACE_NOT_RECORDING'
    | 'ERR_MEMTRACE_LOST'
    | 'ERR_MEMTRACE_NO_GC'
    | 'ERR_MEMTRACE_NO_COMMAND'
    | 'ERR_MEMTRACE_ANALYZER';
}
