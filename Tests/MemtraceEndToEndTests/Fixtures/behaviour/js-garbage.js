// SPDX-License-Identifier: Apache-2.0
//
// Makes garbage in the main thread and in a worker, 30,000 objects in each of 60 ticks, and keeps
// none of it: collections take a good part of the time, and nothing grows.
// Pattern: flat in malloc, mmap and RSS once V8's young generation has its size (one-time before).
// Verdict: none. "collections" says how many of them perf_hooks has counted in the main thread.
'use strict';

const { PerformanceObserver } = require('perf_hooks');
const { Worker, isMainThread, parentPort } = require('worker_threads');

function waste() {
  let last = null;
  for (let i = 0; i < 30000; i++) last = { i, text: `garbage ${i}`, last: i % 100 ? last : null };
  return last;
}

if (isMainThread) {
  const { behave } = require('./behaviour.js');
  let collections = 0;
  new PerformanceObserver((list) => { collections += list.getEntries().length; })
    .observe({ entryTypes: ['gc'] });
  const worker = new Worker(__filename);
  behave({
    program: 'js-garbage', site: 'waste', seconds: 1.2, tickCount: 60,
    pattern: { malloc: 'flat', mmap: 'flat', rss: 'flat' },
    verdict: 'none',
    tick: () => {
      worker.postMessage('tick');
      waste();
    },
    measure: () => 0,
    more: () => ({ collections }),
  }).then(() => worker.terminate());
} else {
  parentPort.on('message', waste);
}
