// SPDX-License-Identifier: Apache-2.0
//
// bufferutil and utf-8-validate, as a WebSocket server uses them: frames are masked, unmasked and
// looked at.
'use strict';

const assert = require('node:assert');
const crypto = require('node:crypto');
const { addon } = require('./folder.js');

const { mask, unmask } = addon('bufferutil');
const isValidUTF8 = addon('utf-8-validate');

// Else its fallback in JavaScript is what is tested.
for (const call of [mask, unmask, isValidUTF8]) assert.match(String(call), /native code/);

function iteration(i) {
  const key = crypto.randomBytes(4);
  const message = Buffer.from('Größe 日本語 '.repeat(1 + i * 7 % 300));
  const frame = Buffer.alloc(message.length + 6);
  mask(message, key, frame, 6, message.length);
  const payload = frame.subarray(6);
  unmask(payload, key);
  assert.ok(payload.equals(message));
  assert.strictEqual(isValidUTF8(payload), true);
  payload[payload.length - 2] = 0xff;
  assert.strictEqual(isValidUTF8(payload), false);
}

module.exports = { iteration, iterations: 200 };
