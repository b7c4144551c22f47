// SPDX-License-Identifier: Apache-2.0
//
// What a program or a test says to the memtrace that traces it. Without the preloaded library the
// calls that only tell something do nothing; those that must know say what is missing.
'use strict';

const { binding } = require('./lib/binding.js');
const { assertNoLeak, measureLeak } = require('./lib/measure.js');
const { LeakError, MemtraceError } = require('./lib/errors.js');
const { observeMemory } = require('./lib/observe.js');

const traced = binding();

/** Writes an instant called `name` into the trace. */
function mark(name) {
  requireName(name);
  traced?.mark(name);
}

/** The same, for an instant at which the live heap is to be compared. */
function snapshot(name) {
  requireName(name);
  traced?.snapshot(name);
}

/** From here on blocks that begin are not recorded. Calls do not nest. */
function pause() {
  traced?.pause();
}

function resume() {
  traced?.resume();
}

/** Whether blocks that begin are recorded. */
function isRecording() {
  return traced?.isRecording() ?? false;
}

/** Numbers of the recording; null without one. */
function stats() {
  return traced?.stats() ?? null;
}

function requireName(name) {
  if (typeof name !== 'string')
    throw new TypeError(`the name of an instant is a string, not ${typeof name}`);
}

module.exports = {
  mark,
  snapshot,
  pause,
  resume,
  isRecording,
  stats,
  observeMemory,
  assertNoLeak,
  measureLeak,
  LeakError,
  MemtraceError,
};
