// SPDX-License-Identifier: Apache-2.0
//
// Keeps 4,000 objects more in each of 60 ticks, in remember(): V8's heap grows, by mappings of its
// own, and malloc has no part in it.
// Pattern: steady-climb in mmap and RSS, flat in malloc. Verdict: javascript-heap.
'use strict';

const { behave } = require('./behaviour.js');

const kept = [];

function remember(tick) {
  for (let i = 0; i < 4000; i++)
    kept.push({ id: tick * 4000 + i, name: `entry ${tick} ${i}`, tags: [tick, i], next: null });
}

behave({
  program: 'js-heap', site: 'remember', seconds: 1.2, tickCount: 60,
  pattern: { malloc: 'flat', mmap: 'steady-climb', rss: 'steady-climb' },
  verdict: 'javascript-heap',
  tick: remember,
  measure: () => process.memoryUsage().heapUsed,
});
