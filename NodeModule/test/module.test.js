// SPDX-License-Identifier: Apache-2.0
//
// The module under the preloaded library: what it says arrives in the trace.
'use strict';

const assert = require('node:assert');
const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { test } = require('node:test');
const { Worker } = require('node:worker_threads');
const memtrace = require('..');
const { garbageCollector, settle } = require('../lib/garbage.js');
const trace = require('./chunks.js');

const { tracePath } = memtrace.stats();
const ROOT = path.join(__dirname, '..');

async function inWorker(source) {
  const worker = new Worker(source, { eval: true });
  const messages = [];
  worker.on('message', (message) => messages.push(message));
  const code = await new Promise((resolve, reject) => {
    worker.on('exit', resolve);
    worker.on('error', reject);
  });
  assert.strictEqual(code, 0);
  return messages;
}

test('instants have their names and kinds', () => {
  memtrace.mark('begin Größe');
  memtrace.snapshot('heap');
  memtrace.mark('x'.repeat(2000));
  memtrace.mark('ü'.repeat(600)); // cut between characters, not within one
  const marks = trace.marks(tracePath).slice(-4);
  assert.deepStrictEqual(marks, [
    { kind: 1, name: 'begin Größe' },
    { kind: 2, name: 'heap' },
    { kind: 1, name: 'x'.repeat(1024) },
    { kind: 1, name: 'ü'.repeat(512) },
  ]);
});

test('a name that is no string is a TypeError', () => {
  for (const name of [undefined, 1, null, Symbol('s'), {}]) {
    assert.throws(() => memtrace.mark(name), TypeError);
    assert.throws(() => memtrace.snapshot(name), TypeError);
  }
});

test('the binding itself takes any arguments without harm', () => {
  const binding = process._linkedBinding('memtrace');
  for (const values of [[], [1], [{}, {}], [new Uint8Array(4), 1], [new Float64Array(2), -1]]) {
    for (const [name, call] of Object.entries(binding)) {
      if (!/Measuring|pause/.test(name)) call(...values);
    }
  }
});

test('nothing is recorded between pause and resume', () => {
  assert.strictEqual(memtrace.isRecording(), true);
  memtrace.pause();
  assert.strictEqual(memtrace.isRecording(), false);
  memtrace.resume();
  assert.strictEqual(memtrace.isRecording(), true);
  assert.deepStrictEqual(trace.marks(tracePath).slice(-2).map((mark) => mark.kind), [3, 4]);
});

test('stats grow with what happens', async () => {
  await settle(garbageCollector()); // the traces that other tests have read
  const before = memtrace.stats();
  const kept = Array.from({ length: 64 }, () => Buffer.allocUnsafeSlow(100_000));
  for (let i = 0; i < 20_000; i++) Buffer.allocUnsafeSlow(100); // not so small that V8 keeps it
  const after = memtrace.stats();
  assert.ok(after.events >= before.events + 20_000, `${before.events}, then ${after.events}`);
  assert.ok(after.liveBytes >= before.liveBytes + 64 * 100_000);
  assert.ok(after.traceBytes > 0 && after.traceBytes <= fs.statSync(tracePath).size);
  assert.strictEqual(after.lostEvents, 0);
  assert.strictEqual(path.basename(after.libraryPath), 'libmemtrace.so');
  assert.strictEqual(kept.length, 64);
});

test('workers have the module, and marks of their own', async () => {
  const answers = await inWorker(`
    const memtrace = require(${JSON.stringify(ROOT)});
    memtrace.mark('of a worker');
    require('worker_threads').parentPort.postMessage(
      [memtrace.isRecording(), memtrace.stats().tracePath]);`);
  assert.deepStrictEqual(answers, [[true, tracePath]]);
  assert.strictEqual(trace.marks(tracePath).at(-1).name, 'of a worker');
});

test('a worker that ends while it measures lets the next one measure', async () => {
  const binding = process._linkedBinding('memtrace');
  await inWorker(`process._linkedBinding('memtrace').beginMeasuring() || process.exit(9)`);
  assert.strictEqual(binding.beginMeasuring(), true);
  assert.strictEqual(binding.beginMeasuring(), false);
  binding.endMeasuring();
});

test('it is an ES module as well', () => {
  const file = path.join(fs.mkdtempSync(path.join(os.tmpdir(), 'memtrace-')), 'test.mjs');
  fs.writeFileSync(
    file, `import { mark, isRecording, assertNoLeak } from '${ROOT}/index.js';
    import whole from '${ROOT}/index.js';
    mark('m'); console.log(isRecording(), typeof assertNoLeak, whole.mark === mark);`);
  const output = execFileSync(process.execPath, [file], { encoding: 'utf8' });
  assert.strictEqual(output, 'true function true\n');
  fs.rmSync(path.dirname(file), { recursive: true });
});

test('memory and collections of the main thread and of workers are written', async () => {
  const observed = memtrace.observeMemory({ intervalMs: 1 });
  const arrayBuffers = Buffer.alloc(3_000_000).length;
  for (let i = 0; i < 200_000; i++) ({ i, garbage: [i] });
  await new Promise((resolve) => setTimeout(resolve, 5)); // its observer is told by the event loop
  const before = trace.memorySamples(tracePath).length;
  await inWorker(`
    const keep = require(${JSON.stringify(ROOT)}).observeMemory({ intervalMs: 1 });
    let garbage; for (let i = 0; i < 2e6; i++) garbage = { i, garbage };`);
  observed.stop();
  const samples = trace.memorySamples(tracePath);
  assert.ok(before > 0);
  const own = samples.filter((sample) => sample.threadId === 0);
  assert.ok(own.some((sample) => sample.arrayBuffers >= arrayBuffers));
  assert.ok(samples.some((sample) => sample.threadId > 0));
  for (const sample of samples) {
    assert.ok(sample.rss > sample.heapTotal && sample.heapTotal >= sample.heapUsed);
    assert.ok(sample.heapUsed > 1e6 && sample.heapLimit > sample.heapUsed);
  }
});

test('a collection has its kind and its instant', async () => {
  const observed = memtrace.observeMemory({ intervalMs: 1000 });
  require('node:v8').setFlagsFromString('--expose-gc');
  const gc = require('node:vm').runInNewContext('gc');
  const count = trace.collections(tracePath).length;
  const start = process.hrtime.bigint();
  gc();
  const end = process.hrtime.bigint();
  for (let turn = 0; turn < 1000 && trace.collections(tracePath).length === count; turn++)
    await new Promise((resolve) => setImmediate(resolve));
  observed.stop();
  // The clock of performance.now() is read a little after that of hrtime.
  const slack = 1_000_000n;
  const major = trace.collections(tracePath).slice(count)
    .find(({ kind, startNs }) => kind === 2 && startNs >= start - slack && startNs <= end + slack);
  assert.ok(major, 'no major collection between the two instants');
  assert.ok(major.isMonotonic && major.durationNs > 0 && major.durationNs <= Number(end - start));
});

test('registering it keeps no process alive, and samples at the end', () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'memtrace-'));
  execFileSync(process.execPath, ['--require', `${ROOT}/register.js`, '-e', '0'], {
    env: { ...process.env, MEMTRACE_ROOT: '', MEMTRACE_OUTPUT: `${folder}/t.bin` },
  });
  assert.strictEqual(trace.memorySamples(`${folder}/t.bin`).length, 2);
  fs.rmSync(folder, { recursive: true });
});

test('an interval that is none is refused', () => {
  for (const intervalMs of [0, -1, NaN])
    assert.throws(() => memtrace.observeMemory({ intervalMs }), RangeError);
});
