// SPDX-License-Identifier: Apache-2.0
//
// What the addon does.
'use strict';

const assert = require('node:assert');
const { test } = require('node:test');
const { count } = require('..');

test('words are counted', () => {
  assert.deepStrictEqual({ ...count('to be or not to be') }, { not: 1, or: 1, be: 2, to: 2 });
});

test('an empty text has no words', () => {
  assert.deepStrictEqual({ ...count(' \n') }, {});
});

test('what is no text is refused', () => {
  assert.throws(() => count(7), TypeError);
});
