// SPDX-License-Identifier: Apache-2.0
//
// What the node programs of known behaviour share: the clock, the marks and the books of
// behaviour.h. With MEMTRACE_BEHAVIOUR_MODULE=0 the module `memtrace` is left out, so that nothing
// but the kernel and malloc tells of JavaScript's memory.
'use strict';

const path = require('path');
const v8 = require('v8');
const vm = require('vm');
const { setImmediate: turn, setTimeout: sleep } = require('timers/promises');

v8.setFlagsFromString('--expose-gc');
const collect = vm.runInNewContext('gc');

const isAlone = process.env.MEMTRACE_BEHAVIOUR_MODULE === '0';
const memtrace = isAlone
  ? { mark() {}, observeMemory: () => ({ stop() {} }) }
  : require(path.join(__dirname, '../../../../NodeModule'));

/**
 * Calls `tick` tickCount times within `seconds`, evenly, and prints what must be found; `measure`
 * says, before and after, how much it holds.
 */
async function behave({ program, site, pattern, verdict, seconds, tickCount, tick, measure, more }) {
  if (process.argv[2]) seconds = Number(process.argv[2]);
  const observer = memtrace.observeMemory({ intervalMs: 50 });
  await sleep(100); // node's own start is over
  collect();
  const before = measure();
  const begin = performance.now();
  let start = begin;
  memtrace.mark('begin');
  for (let i = 0; i < tickCount; i++) {
    // Timers that are late run together, from other functions of node's than one alone: what follows
    // a turn of its own is called in one way always.
    await turn();
    await tick(i);
    const due = start + (seconds * 1000 * (i + 1)) / tickCount;
    const now = performance.now();
    // A tick that takes longer than it should is not made up for.
    if (now > due) start += now - due;
    await sleep(Math.max(0, due - now));
  }
  const passed = (performance.now() - begin) / 1000;
  memtrace.mark('end');
  collect();
  const growthBytes = measure() - before;
  observer.stop();
  console.log(JSON.stringify({
    program, seconds: passed, lateSeconds: passed - seconds, site, siteBytes: 0, siteBlocks: 0,
    growthBytes, growthBytesPerHour: Math.round((growthBytes / passed) * 3600), pattern, verdict,
    ...(more ? more() : {}),
  }));
}

module.exports = { behave };
