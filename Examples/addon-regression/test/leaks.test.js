// SPDX-License-Identifier: Apache-2.0
//
// What the addon must not do: keep memory from call to call. Needs `memtrace run -- node --test`, and
// is skipped otherwise.
'use strict';

const { test } = require('node:test');
const { assertNoLeak } = require('memtrace');
const { count } = require('..');

const options = { skipWithoutShim: true, onlyImages: '*.node' };

test('counting keeps nothing', (t) =>
  assertNoLeak(() => count('to be or not to be'), { ...options, test: t }));

test('refusing keeps nothing', (t) =>
  assertNoLeak(() => {
    try {
      count(7);
    } catch {
      // That is what is tested.
    }
  }, { ...options, test: t }));
