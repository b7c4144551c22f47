// SPDX-License-Identifier: Apache-2.0
//
// Collects garbage, and waits until what depends on it has happened: finalizers of addons, and the
// freeing of array buffers. No flag is needed on node's command line.
'use strict';

const { setImmediate } = require('timers');
const v8 = require('v8');
const vm = require('vm');
const { MemtraceError } = require('./errors.js');

// A collection is asked for so often before a dead object is taken for one that V8 keeps.
const COLLECTION_LIMIT = 20;

let collectGarbage;

/** V8's own gc(). One new context holds it; the flag does not show in contexts that exist. */
function garbageCollector() {
  if (!collectGarbage) {
    collectGarbage = globalThis.gc;
    if (!collectGarbage) {
      v8.setFlagsFromString('--expose-gc');
      collectGarbage = vm.runInNewContext('gc');
    }
  }
  return collectGarbage;
}

/** Turns of the event loop: in each, callbacks that were put off to it run. */
async function turns(count) {
  for (let i = 0; i < count; i++) await new Promise((resolve) => setImmediate(resolve));
}

/** Returns when an object that died just before has been finalized. */
async function untilFinalized(gc) {
  let isFinalized = false;
  const registry = new FinalizationRegistry(() => {
    isFinalized = true;
  });
  (() => registry.register({}, undefined))();
  for (let i = 0; i < COLLECTION_LIMIT && !isFinalized; i++) {
    gc();
    await turns(2);
  }
  if (!isFinalized)
    throw new MemtraceError(
      'ERR_MEMTRACE_NO_GC', 'garbage was not collected although V8 was asked to');
}

/**
 * Collects all that is garbage now. A finalizer may let go of more, and a collection ends the
 * freeing of array buffers that the one before began: so it is done twice.
 */
async function settle(gc) {
  await turns(2);
  if (!gc) return;
  await untilFinalized(gc);
  await untilFinalized(gc);
  gc();
  await turns(2);
}

module.exports = { garbageCollector, settle };
