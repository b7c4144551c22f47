// SPDX-License-Identifier: Apache-2.0
//
// A few tests for node's own test runner, which starts a process for each file.
'use strict';

const assert = require('assert');
const { test } = require('node:test');

test('adds', () => assert.strictEqual(1 + 1, 2));
test('waits', async () => assert.strictEqual(await Promise.resolve(3), 3));
test('compares', () => assert.deepStrictEqual({ a: [1, { b: 2 }] }, { a: [1, { b: 2 }] }));
