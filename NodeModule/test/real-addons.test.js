// SPDX-License-Identifier: Apache-2.0
//
// Addons that others wrote and Debian packages: a realistic workload with each keeps nothing, and what
// a program forgets is blamed on the addon.
'use strict';

const assert = require('node:assert');
const { test } = require('node:test');
const { measureLeak } = require('..');

for (const name of ['sqlite3', 'iconv', 'websocket']) {
  test(`${name} keeps nothing`, async () => {
    const { iteration, iterations } = require(`./addons/${name}.js`);
    const result = await measureLeak(iteration, { iterations });
    assert.deepStrictEqual(result.sites, []);
    assert.strictEqual(result.leaked, false);
  });
}

test('statements that are not finalized are a leak, while their connection is open', async () => {
  const { forgetfulIteration } = require('./addons/sqlite3.js');
  const result = await measureLeak(forgetfulIteration, { iterations: 20, onlyImages: '*.node' });
  assert.strictEqual(result.leaked, true);
  const through = (pattern) => result.sites.filter((site) =>
    site.stack.some((frame) => pattern.test(frame.function ?? '')));
  assert.ok(through(/^node_sqlite3::Statement::Statement/).length > 0, JSON.stringify(result.sites));
  // What sqlite itself allocates for it, in a thread of libuv's pool.
  const prepared = through(/^node_sqlite3::Statement::Work_Prepare/);
  assert.ok(prepared.length > 0);
  for (const site of prepared) assert.strictEqual(site.blocksPerIteration, 1);
});
