// SPDX-License-Identifier: Apache-2.0
//
// Measurements in worker threads, several at once, and in child processes, as runners make them.
'use strict';

const assert = require('node:assert');
const { execFileSync, fork } = require('node:child_process');
const { test } = require('node:test');
const { Worker, isMainThread, parentPort, workerData } = require('node:worker_threads');
const { measureLeak } = require('..');
const addon = require('./seeded.js');

/** What is measured here, in a worker, or in a child. */
async function measured(size) {
  function loses() {
    addon.loseBlocks(1, size);
  }
  const { bytesPerIteration, blocksPerIteration, tracePath } = await measureLeak(
    loses, { iterations: 50, batches: 4, onlyImages: 'seeded*.node' }); // not workers that start
  return { bytesPerIteration, blocksPerIteration, tracePath };
}

if (!isMainThread) {
  measured(workerData).then((result) => parentPort.postMessage(result));
} else if (process.argv[2] === 'child') {
  measured(700).then((result) => process.send(result));
} else {
  const inWorker = (size) => new Promise((resolve, reject) => {
    const worker = new Worker(__filename, { workerData: size });
    worker.once('message', resolve).once('error', reject);
  });

  test('workers that measure at the same time do not see each other', async () => {
    const sizes = [100, 200, 300];
    const [own, ...results] = await Promise.all([measured(400), ...sizes.map(inWorker)]);
    assert.deepStrictEqual(
      [...results, own].map((result) => [result.bytesPerIteration, result.blocksPerIteration]),
      [...sizes, 400].map((size) => [size, 1]));
  });

  test('a child process has a trace of its own', async () => {
    const child = fork(__filename, ['child']);
    const result = await new Promise((resolve) => child.once('message', resolve));
    assert.strictEqual(result.bytesPerIteration, 700);
    assert.ok(result.tracePath.includes(`.${child.pid}.`), result.tracePath);
  });

  test('an addon that dies is a failure of the runner, and the file says so', () => {
    const environment = { ...process.env };
    delete environment.NODE_TEST_CONTEXT;
    const file = require.resolve('./runners/crashing.js');
    assert.throws(
      () => execFileSync(process.execPath, ['--test', '--test-reporter', 'tap', file], {
        encoding: 'utf8', env: environment,
      }),
      ({ status, stdout }) => status === 1 && /SIGSEGV/.test(stdout) && /^# fail 1$/m.test(stdout));
  });
}
