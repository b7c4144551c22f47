// SPDX-License-Identifier: Apache-2.0
//
// Keeps a Buffer of 512 KiB more in each of 60 ticks, in receive(): memory outside V8's heap, which
// node allocates with malloc and JavaScript holds.
// Pattern: steady-climb in malloc and RSS, flat in mmap. Verdict: external-memory.
'use strict';

const { behave } = require('./behaviour.js');

const kept = [];

function receive() {
  kept.push(Buffer.alloc(512 << 10, 1));
}

behave({
  program: 'js-buffers', site: 'receive', seconds: 1.2, tickCount: 60,
  pattern: { malloc: 'steady-climb', mmap: 'flat', rss: 'steady-climb' },
  verdict: 'external-memory',
  tick: receive,
  measure: () => process.memoryUsage().arrayBuffers,
});
