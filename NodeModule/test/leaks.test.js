// SPDX-License-Identifier: Apache-2.0
//
// Every seeded leak is found by its growth, with its exact size, and blamed on the function that
// allocated it and on the line of JavaScript that called.
'use strict';

const assert = require('node:assert');
const { test } = require('node:test');
const { LeakError, assertNoLeak, measureLeak } = require('..');
const { javascriptFrame } = require('../lib/stack.js');
const addon = require('./seeded.js');

const short = (frame) => (frame.function ?? '').replace(/\(anonymous namespace\)::/g, '').replace(/\(.*/, '');

/** The sites through a function of the addon, as one; its stacks must all come from `script`. */
function sumThrough(result, functionName, script) {
  const sites = result.sites.filter((site) => site.stack.some((frame) => short(frame) === functionName));
  for (const { stack } of sites) {
    const line = javascriptFrame(stack);
    assert.ok(line, `no line of JavaScript: ${stack.map(short).join(' < ')}`);
    assert.match(line.function, script);
    assert.strictEqual(line.file.replace('file://', ''), __filename);
  }
  const sum = (unit) => sites.reduce((total, site) => total + site[unit], 0);
  return {
    bytesPerIteration: sum('bytesPerIteration'), blocksPerIteration: sum('blocksPerIteration'),
    bytes: sum('bytes'), blocks: sum('blocks'),
  };
}

// What each call loses, by the function of the addon that loses it.
const LEAKS = [
  {
    title: 'blocks of a known number and size', lost: { bytes: 3 * 77, blocks: 3 }, by: 'lose_block',
    run: function losesBlocks() { addon.loseBlocks(3, 77); },
  },
  {
    title: 'a block of 24 bytes of every hundredth call, under 10 MB of churn', iterations: 1000,
    lost: { bytes: 0.24, blocks: 0.01 }, by: 'lose_block',
    run: function losesSometimes(i) { addon.sometimes(i); },
  },
  {
    title: 'a std::string in an object', lost: { bytes: 101 + 40, blocks: 2 }, by: 'lose_string',
    run: function losesString() { addon.loseString(); },
  },
  {
    title: 'two blocks that hold each other', lost: { bytes: 2 * 48, blocks: 2 }, by: 'lose_cycle',
    run: function losesCycle() { addon.loseCycle(); },
  },
  {
    title: 'a statement kept until the end, and freed then', lost: { bytes: 208, blocks: 1 },
    by: 'prepare_statement', run: function keepsStatement() { addon.keepStatement(); },
  },
  {
    title: 'a Buffer whose finalizer does not free', lost: { bytes: 512, blocks: 1 },
    by: 'allocate_contents', run: function losesBuffer() { addon.loseBuffer(); },
  },
  {
    title: 'a napi_ref', by: 'lose_reference', lost: { blocks: 1 },
    run: function losesReference() { addon.loseReference({}); },
  },
  {
    title: 'a napi_threadsafe_function', by: 'lose_threadsafe_function', least: 512,
    run: function losesThreadsafeFunction() { addon.loseThreadsafeFunction(() => {}); },
  },
  {
    title: 'a uv_async_t', by: 'lose_async', lost: { bytes: 128, blocks: 1 },
    run: function losesAsync() { addon.loseAsync(); },
  },
];

for (const { title, run, by, lost = {}, least, iterations = 100 } of LEAKS) {
  test(`found: ${title}`, async () => {
    const result = await measureLeak(run, { iterations });
    const sum = sumThrough(result, by, new RegExp(run.name));
    const shown = JSON.stringify([sum, result.sites]);
    assert.strictEqual(result.leaked, true, shown);
    if (lost.blocks) assert.strictEqual(sum.blocksPerIteration, lost.blocks, shown);
    if (lost.bytes) assert.strictEqual(sum.bytesPerIteration, lost.bytes, shown);
    if (least) assert.ok(sum.bytesPerIteration >= least, shown);
    // All batches, and not only those that are judged.
    const all = iterations * result.batches;
    if (lost.blocks) assert.strictEqual(sum.blocks, lost.blocks * all, shown);
    if (lost.bytes) assert.strictEqual(sum.bytes, lost.bytes * all, shown);
    assert.ok(result.bytesPerIteration >= sum.bytesPerIteration);
  });
}

test('found: what a persistent handle keeps, by the line that made it', async () => {
  function keepsForEver() {
    addon.losePersistent(Buffer.alloc(10_000));
  }
  const { leaked, sites } = await measureLeak(keepsForEver);
  assert.strictEqual(leaked, true);
  const buffers = sites.filter((site) => site.bytesPerIteration === 10_000);
  assert.strictEqual(buffers.length, 1, JSON.stringify(sites));
  assert.strictEqual(buffers[0].blocksPerIteration, 1);
  assert.match(javascriptFrame(buffers[0].stack).function, /keepsForEver/);
});

test('the error names numbers and stacks, the line of JavaScript first', async () => {
  async function uploads() {
    addon.loseBlocks(2, 500);
  }
  const error = await assertNoLeak(uploads, { iterations: 20, warmup: 5, batches: 4 }).then(
    () => assert.fail('it passed'), (reason) => reason);
  assert.ok(error instanceof LeakError, String(error));
  assert.strictEqual(error.code, 'ERR_MEMTRACE_LEAK');
  assert.strictEqual(error.bytesPerIteration, 1000);
  assert.strictEqual(error.blocksPerIteration, 2);
  const lines = error.message.split('\n');
  assert.strictEqual(
    lines[0], '1,000 bytes in 2 blocks leak per iteration ' +
      '(4 batches of 20 iterations; 0 bytes are allowed)');
  const site = lines.findIndex((line) => line.startsWith('1. '));
  assert.match(lines[site], /^1\. 1,000 bytes in 2 blocks per iteration, 80,000 bytes in 160 blocks /);
  assert.match(lines[site + 1], /^ {3}from uploads .*leaks\.test\.js:\d+/);
  assert.match(lines[site + 2], /lose_block.*seeded\.cpp:\d+/);
});

test('what is allowed is allowed', async () => {
  const lose = () => addon.loseBlocks(1, 100);
  assert.strictEqual((await measureLeak(lose, { maxBytesPerIteration: 100 })).leaked, false);
  assert.strictEqual((await measureLeak(lose, { maxBytesPerIteration: 99 })).leaked, true);
});

test('blocks of no size are a leak, too', async () => {
  const { leaked, bytesPerIteration, blocksPerIteration } = await measureLeak(
    () => addon.loseBlocks(1, 0));
  assert.deepStrictEqual([leaked, bytesPerIteration, blocksPerIteration], [true, 0, 1]);
});

test('only stacks through the images that are asked for count', async () => {
  const lose = () => addon.loseBlocks(1, 100);
  assert.strictEqual((await measureLeak(lose, { onlyImages: ['other*.node'] })).leaked, false);
  const { bytesPerIteration } = await measureLeak(lose, { onlyImages: ['other*', 'seeded*.node'] });
  assert.strictEqual(bytesPerIteration, 100);
});

test('what throws in the function is thrown, and the next measurement can be made', async () => {
  const thrown = new Error('mine');
  await assert.rejects(measureLeak(() => { throw thrown; }), (error) => error === thrown);
  assert.strictEqual((await measureLeak(() => {}, { batches: 2, iterations: 1 })).leaked, false);
});

test('a command that is missing, or fails, is said in one line', async () => {
  const before = process.env.MEMTRACE_COMMAND;
  const attempt = () => measureLeak(() => {}, { batches: 2, iterations: 1 });
  try {
    process.env.MEMTRACE_COMMAND = '/no/such/memtrace';
    await assert.rejects(attempt(), { code: 'ERR_MEMTRACE_ANALYZER' });
    process.env.MEMTRACE_COMMAND = '/bin/echo';
    await assert.rejects(attempt(), { code: 'ERR_MEMTRACE_ANALYZER' });
  } finally {
    process.env.MEMTRACE_COMMAND = before;
  }
  const wrong = measureLeak(() => {}, { batches: 2, iterations: 1, suppressions: '/no/such/file' });
  await assert.rejects(wrong, (error) =>
    error.code === 'ERR_MEMTRACE_ANALYZER' && /^memtrace: .*\/no\/such\/file/.test(error.message));
});

test('while nothing is recorded nothing is measured', async () => {
  const { pause, resume } = require('..');
  pause();
  try {
    await assert.rejects(measureLeak(() => {}), { code: 'ERR_MEMTRACE_NOT_RECORDING' });
  } finally {
    resume();
  }
});
