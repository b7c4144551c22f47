// SPDX-License-Identifier: Apache-2.0
//
// A suite for runners with describe() and it(): mocha, jest, vitest. The first test must pass, the
// second must fail with a LeakError.
'use strict';

const { assertNoLeak } = require('../..');
const addon = require('../seeded.js');

describe('an addon', () => {
  it('keeps nothing', async () => {
    await assertNoLeak(() => addon.wrapped());
  });
  it('leaks', async () => {
    await assertNoLeak(() => addon.loseBlocks(1, 10));
  });
});
