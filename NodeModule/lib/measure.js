// SPDX-License-Identifier: Apache-2.0
//
// Runs a function in batches and asks what grew with them. A leak is what grows with the iterations;
// what was allocated once is not. What happens between two marks:
//
//   warm-up | settle | mark 0 | batch 1, settle | mark 1 | batch 2, settle | mark 2 | ...
'use strict';

const { setTimeout } = require('timers');
const { requiredBinding } = require('./binding.js');
const { LeakError, MemtraceError } = require('./errors.js');
const { garbageCollector, settle } = require('./garbage.js');
const { growth } = require('./analyzer.js');

const TURN_MILLISECONDS = 5; // between two looks at whether another worker has finished

const DEFAULTS = {
  iterations: 100,
  warmup: undefined,
  batches: 5,
  maxBytesPerIteration: 0,
  onlyImages: [],
  suppressions: [],
  gc: true,
  skipWithoutShim: false,
  test: undefined,
};

let measurementCount = 0;

function listOf(value) {
  return Array.isArray(value) ? value : [value];
}

function requireCount(name, value, least) {
  if (!Number.isSafeInteger(value) || value < least)
    throw new RangeError(`${name} is a whole number, at least ${least}; not ${String(value)}`);
}

/** The options with their defaults; throws when one cannot be meant. */
function optionsFrom(given = {}) {
  const options = { ...DEFAULTS };
  for (const [name, value] of Object.entries(given)) {
    if (!(name in DEFAULTS)) throw new TypeError(`there is no option called ${name}`);
    if (value !== undefined) options[name] = value;
  }
  options.warmup ??= options.iterations;
  requireCount('iterations', options.iterations, 1);
  requireCount('warmup', options.warmup, 0);
  requireCount('batches', options.batches, 2);
  if (!(options.maxBytesPerIteration >= 0))
    throw new RangeError('maxBytesPerIteration is a number, at least 0');
  options.onlyImages = listOf(options.onlyImages);
  options.suppressions = listOf(options.suppressions);
  return options;
}

/** Why nothing can be measured; null when it can. */
function obstacle() {
  try {
    const traced = requiredBinding();
    if (traced.isRecording()) return null;
    return new MemtraceError(
      'ERR_MEMTRACE_NOT_RECORDING',
      'nothing is recorded now: call resume(), or see what memtrace said on stderr');
  } catch (error) {
    return error;
  }
}

async function runBatch(fn, count) {
  await undefined; // so that the first call has the stack of those that follow an await
  for (let i = 0; i < count; i++) {
    const result = fn(i);
    if (typeof result?.then === 'function') await result;
  }
}

/** Runs all batches; returns the prefix of their marks. */
async function runBatches(fn, traced, { iterations, warmup, batches, gc }) {
  const collect = gc === true ? garbageCollector() : gc || null;
  // A pid and a time: two workers count for themselves.
  const prefix = `memtrace-batch-${process.hrtime.bigint()}-${++measurementCount}-`;
  await runBatch(fn, warmup);
  await settle(collect);
  for (let batch = 0; batch < batches; batch++) {
    traced.mark(prefix + batch);
    await runBatch(fn, iterations);
    await settle(collect);
  }
  traced.mark(prefix + batches);
  return prefix;
}

async function recorded(fn, traced, options) {
  const before = traced.stats();
  const prefix = await runBatches(fn, traced, options);
  const after = traced.stats();
  const lostCount = after.lostEvents - before.lostEvents;
  if (!traced.isRecording() || lostCount)
    throw new MemtraceError(
      'ERR_MEMTRACE_LOST',
      `${lostCount} events of this measurement were not recorded: see what memtrace said on stderr`);
  return { prefix, ...after };
}

/** Two at once, in several workers, would each find the blocks of the other, its command's included. */
async function inTurn(traced, measurement) {
  while (!traced.beginMeasuring())
    await new Promise((resolve) => setTimeout(resolve, TURN_MILLISECONDS));
  try {
    return await measurement();
  } finally {
    traced.endMeasuring();
  }
}

function resultFrom(check, options, tracePath) {
  const { iterations, batches, maxBytesPerIteration } = options;
  const rounded = (number) => Number(number.toFixed(6)); // they were sums of fractions
  const sum = (site, unit) => site.batches.reduce((total, batch) => total + batch[unit], 0);
  return {
    leaked: check.failures.length > 0,
    skipped: false,
    bytesPerIteration: rounded(check.growth.bytesPerIteration),
    blocksPerIteration: rounded(check.growth.blocksPerIteration),
    iterations,
    batches,
    maxBytesPerIteration,
    sites: check.growth.sites.map((site) => ({
      bytesPerIteration: rounded(site.bytesPerIteration),
      blocksPerIteration: rounded(site.blocksPerIteration),
      bytes: sum(site, 'bytes'),
      blocks: sum(site, 'count'),
      batches: site.batches.map(({ bytes, count }) => ({ bytes, blocks: count })),
      stack: site.stack,
    })),
    tracePath,
  };
}

/** Nothing was measured: a result that says so, and a test that is marked as skipped. */
function skipped(options, reason) {
  options.test?.skip?.(reason);
  const { iterations, batches, maxBytesPerIteration } = options;
  return {
    leaked: false, skipped: true, bytesPerIteration: 0, blocksPerIteration: 0,
    iterations, batches, maxBytesPerIteration, sites: [], tracePath: null,
  };
}

/** Runs `fn` in batches and returns how memory grows with its iterations. */
async function measureLeak(fn, given) {
  if (typeof fn !== 'function') throw new TypeError('what is measured is a function');
  const options = optionsFrom(given);
  const missing = obstacle();
  if (missing?.code === 'ERR_MEMTRACE_NOT_TRACED' && options.skipWithoutShim)
    return skipped(options, missing.message);
  if (missing) throw missing;
  const traced = requiredBinding();
  return inTurn(traced, async () => {
    const { prefix, tracePath, libraryPath } = await recorded(fn, traced, options);
    const check = await growth({ tracePath, libraryPath, prefix, ...options });
    return resultFrom(check, options, tracePath);
  });
}

/** The same, and throws a LeakError when it is more than `maxBytesPerIteration`. */
async function assertNoLeak(fn, given) {
  const result = await measureLeak(fn, given);
  if (result.leaked) throw new LeakError(result);
  return result;
}

module.exports = { assertNoLeak, measureLeak };
