// SPDX-License-Identifier: Apache-2.0
//
// What an addon, and the engine, hold without losing any: none of it is a leak.
'use strict';

const assert = require('node:assert');
const crypto = require('node:crypto');
const fs = require('node:fs');
const { test } = require('node:test');
const { promisify } = require('node:util');
const zlib = require('node:zlib');
const { assertNoLeak } = require('..');
const addon = require('./seeded.js');

/** Another shape of object for each call, so that compiled code is thrown away again and again. */
function compiled(i) {
  const shape = { [`p${i % 7}`]: i, q: [i], r: i % 3 ? 'text' : i };
  let sum = 0;
  for (let k = 0; k < 300; k++) sum += (shape.q[0] ^ k) % 5 + Object.keys(shape).length;
  return sum;
}

const cache = new Map();

/** The newest hundred of many values. */
function remembered(i) {
  cache.set(Math.imul(i, 2654435761) >>> 20, Buffer.alloc(200 + i % 900));
  if (cache.size > 100) cache.delete(cache.keys().next().value);
}

test('caches, lazy tables, wrapped objects, buffers, compiled code', () =>
  assertNoLeak((i) => {
    addon.cached(i);
    addon.lazily(i);
    addon.wrapped();
    addon.keptBuffer();
    compiled(i);
    remembered(i);
  }));

const deflate = promisify(zlib.deflate);

test('threads of the pool, timers, files, promises', () =>
  assertNoLeak(async (i) => {
    assert.strictEqual(await addon.inThread(), 'the result of a thread');
    await fs.promises.stat(__filename);
    await deflate(Buffer.alloc(1000 + i));
    crypto.createHash('sha256').update(String(i)).digest();
    await new Promise((resolve) => setTimeout(resolve, 0));
  }, { iterations: 30 }));
