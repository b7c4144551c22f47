// SPDX-License-Identifier: Apache-2.0
//
// How a stack reads in the message of a LeakError.
'use strict';

const assert = require('node:assert');
const path = require('node:path');
const { test } = require('node:test');
const { javascriptFrame, placeOf, stackLines } = require('../lib/stack.js');
const { LeakError } = require('..');

const native = (name, image, file, line) => ({
  function: name, image, file: file ?? null, line: line ?? null, kind: 'native', address: '0x1',
});
const script = (name, file, line) => ({
  function: name, image: null, file, line, kind: 'javascript', address: '0x2',
});
const own = script('runBatch', path.join(__dirname, '../lib/measure.js'), 7);

const stack = [
  native('napi_create_reference', '/usr/bin/node'),
  native('keep', '/a/addon.node', '/a/addon.c', 12),
  native('Invoke', '/usr/bin/node'),
  native('Builtins_CEntry', '/usr/bin/node'),
  script('emit', 'node:events', 3),
  { ...script(null, null, null), kind: 'native' },
  script('serve', `${process.cwd()}/app.js`, 4),
  own,
  native('main', '/usr/bin/node'),
];

test('what the user wrote is shown, with the frame that allocated', () => {
  assert.deepStrictEqual(stackLines(stack), [
    'napi_create_reference  node',
    'keep                   /a/addon.c:12',
    '… 4 frames of node',
    'serve                  app.js:4',
  ]);
});

test('a stack of a thread of the pool ends where it began', () => {
  const lines = stackLines([
    native('sqlite3Malloc', '/lib/libsqlite3.so.0'), native('worker', '/usr/bin/node'),
    native('start_thread', '/lib/x86_64-linux-gnu/libc.so.6'),
  ]);
  assert.deepStrictEqual(lines, ['sqlite3Malloc  libsqlite3.so.0', '… 2 frames of node']);
});

test('the line of JavaScript is the innermost of the user', () => {
  assert.strictEqual(javascriptFrame(stack).function, 'serve');
  assert.strictEqual(javascriptFrame([own, native('x', '/usr/bin/node')]), undefined);
});

test('files elsewhere, and modules, have their whole path', () => {
  assert.strictEqual(placeOf(script('f', '/elsewhere/a.js', 3)), '/elsewhere/a.js:3');
  assert.strictEqual(placeOf(script('f', 'file:///elsewhere/a.mjs', 3)), '/elsewhere/a.mjs:3');
});

test('long names and deep stacks are cut, and it is said', () => {
  const deep = Array.from({ length: 90 }, (_, i) => native(`f${i}`.padEnd(200, 'x'), '/a/addon.node'));
  const lines = stackLines(deep);
  assert.strictEqual(lines.length, 21);
  assert.strictEqual(lines.at(-1), '… 70 more lines');
  assert.ok(lines[0].length < 100);
});

test('numbers of a message are rounded as one reads them', () => {
  const message = (bytesPerIteration, blocksPerIteration) => new LeakError({
    bytesPerIteration, blocksPerIteration, iterations: 1000, batches: 5, maxBytesPerIteration: 0,
    sites: [], tracePath: 't',
  }).message.split('\n')[0];
  const rest = ' leak per iteration (5 batches of 1,000 iterations; 0 bytes are allowed)';
  assert.strictEqual(message(0.24, 0.01), `0.24 bytes in 0.01 blocks${rest}`);
  assert.strictEqual(message(1234567.89, 1), `1,234,567.9 bytes in 1 block${rest}`);
});
