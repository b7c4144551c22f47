// SPDX-License-Identifier: Apache-2.0
//
// The module in a process that is not traced: it does no harm, and says what is missing.
'use strict';

const assert = require('node:assert');
const { execFileSync } = require('node:child_process');
const path = require('node:path');
const { test } = require('node:test');
const memtrace = require('..');

const ROOT = path.join(__dirname, '..');

test('what only tells something does nothing', () => {
  memtrace.mark('here');
  memtrace.snapshot('here');
  memtrace.pause();
  memtrace.resume();
  memtrace.observeMemory().stop();
  assert.strictEqual(memtrace.isRecording(), false);
  assert.strictEqual(memtrace.stats(), null);
});

test('a measurement says in one sentence what is missing', async () => {
  for (const call of [memtrace.assertNoLeak, memtrace.measureLeak]) {
    await assert.rejects(call(() => assert.fail('it must not run')), (error) => {
      assert.strictEqual(error.code, 'ERR_MEMTRACE_NOT_TRACED');
      assert.match(error.message, /^memtrace: [^\n]* not traced [^\n]*memtrace run -- node/);
      return error instanceof memtrace.MemtraceError;
    });
  }
});

test('it can be skipped instead', async () => {
  const reasons = [];
  const result = await memtrace.assertNoLeak(() => assert.fail('it must not run'), {
    skipWithoutShim: true,
    test: { skip: (reason) => reasons.push(reason) },
  });
  assert.strictEqual(result.skipped, true);
  assert.strictEqual(result.leaked, false);
  assert.match(reasons.join(), /not traced/);
  assert.strictEqual((await memtrace.measureLeak(() => {}, { skipWithoutShim: true })).skipped, true);
});

test('a skipped test is skipped for the runner', () => {
  const source = `
    const { test } = require('node:test');
    const { assertNoLeak } = require(${JSON.stringify(ROOT)});
    test('t', (t) => assertNoLeak(() => {}, { skipWithoutShim: true, test: t }));`;
  const environment = { ...process.env };
  delete environment.NODE_TEST_CONTEXT;
  const output = execFileSync(process.execPath, ['--test-reporter', 'tap', '-e', source], {
    encoding: 'utf8', env: environment,
  });
  assert.match(output, /^ok 1 - t # SKIP .*not traced/m);
});

test('options that cannot be meant are refused', async () => {
  const wrong = [
    { iterations: 0 }, { iterations: 1.5 }, { iterations: '7' }, { batches: 1 }, { warmup: -1 },
    { maxBytesPerIteration: -1 }, { maxBytesPerIteration: NaN },
  ];
  for (const options of wrong) await assert.rejects(memtrace.measureLeak(() => {}, options), RangeError);
  await assert.rejects(memtrace.measureLeak(() => {}, { iteration: 7 }), /no option called iteration/);
  await assert.rejects(memtrace.measureLeak('f'), TypeError);
});

test('registering it does nothing', () => {
  const words = ['--require', `${ROOT}/register.js`, '-p', '6 * 7'];
  assert.strictEqual(execFileSync(process.execPath, words, { encoding: 'utf8' }), '42\n');
});
