// SPDX-License-Identifier: Apache-2.0
//
// Writes into the trace what only the engine knows: how large JavaScript's heap is, and when it was
// collected. Keeps no process alive.
'use strict';

const { PerformanceObserver, performance, constants } = require('perf_hooks');
const v8 = require('v8');
const { threadId } = require('worker_threads');
const { binding } = require('./binding.js');

// enum mt_gc_kind of the trace, by node's kinds.
const KINDS = new Map([
  [constants.NODE_PERFORMANCE_GC_MINOR, 1],
  [constants.NODE_PERFORMANCE_GC_MAJOR, 2],
  [constants.NODE_PERFORMANCE_GC_INCREMENTAL, 3],
  [constants.NODE_PERFORMANCE_GC_WEAKCB, 4],
  [2, 5], // a minor mark-sweep, which node has no name for
]);

const NANOSECONDS = 1e6; // in a millisecond

/**
 * Samples this thread's JavaScript memory every `intervalMs`, and its collections as they happen,
 * until `stop()`. Without a recording nothing is done.
 */
function observeMemory({ intervalMs = 1000, collections = true } = {}) {
  if (!(intervalMs > 0)) throw new RangeError('intervalMs is a number above 0');
  const traced = binding();
  if (!traced) return { stop() {} };
  const sample = memorySampler(traced);
  const observer = collections ? collectionObserver(traced) : null;
  sample();
  const timer = setInterval(sample, intervalMs).unref();
  process.on('exit', sample);
  return {
    stop() {
      clearInterval(timer);
      observer?.disconnect();
      process.removeListener('exit', sample);
    },
  };
}

function memorySampler(traced) {
  const numbers = new Float64Array(6);
  return () => {
    const memory = process.memoryUsage();
    numbers[0] = memory.rss;
    numbers[1] = memory.heapTotal;
    numbers[2] = memory.heapUsed;
    numbers[3] = memory.external;
    numbers[4] = memory.arrayBuffers ?? 0;
    numbers[5] = v8.getHeapStatistics().heap_size_limit;
    traced.writeMemory(numbers, threadId);
  };
}

function collectionObserver(traced) {
  // performance.now() is CLOCK_MONOTONIC with another beginning.
  const origin = Number(process.hrtime.bigint()) - performance.now() * NANOSECONDS;
  const observer = new PerformanceObserver((list) => {
    const entries = list.getEntries();
    const numbers = new Float64Array(4 * entries.length);
    entries.forEach((entry, index) => {
      const { kind, flags } = entry.detail ?? entry;
      numbers.set(
        [
          origin + entry.startTime * NANOSECONDS,
          entry.duration * NANOSECONDS,
          KINDS.get(kind) ?? 0,
          flags ?? 0,
        ],
        4 * index);
    });
    traced.writeCollections(numbers, threadId);
  });
  observer.observe({ entryTypes: ['gc'] });
  return observer;
}

module.exports = { observeMemory };
