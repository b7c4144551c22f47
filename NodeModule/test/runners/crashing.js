// SPDX-License-Identifier: Apache-2.0
//
// A test whose addon dies of SIGSEGV while it is measured.
'use strict';

const { test } = require('node:test');
const { assertNoLeak } = require('../..');
const addon = require('../seeded.js');

test('dies', () => assertNoLeak((i) => (i === 30 ? addon.crash() : addon.wrapped())));
