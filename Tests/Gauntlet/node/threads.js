// SPDX-License-Identifier: Apache-2.0
//
// Workers by the dozen: that end, that are terminated at work, that share memory, that throw, that
// run out of memory, and that start workers of their own.
'use strict';

const { Worker, isMainThread, parentPort, workerData, MessageChannel } = require('worker_threads');

const bodies = {
  sum({ from, count }) {
    let sum = 0;
    const strings = [];
    for (let i = from; i < from + count; i++) {
      strings.push(Buffer.alloc(100, i & 255).toString('hex'));
      sum += strings[strings.length - 1].length + i;
    }
    parentPort.postMessage(sum);
  },
  shared({ memory }) {
    const words = new Int32Array(memory);
    for (let i = 0; i < 20000; i++) Atomics.add(words, 0, 1);
    parentPort.postMessage('added');
  },
  endless() {
    parentPort.postMessage('begun');
    for (const kept = []; ;) {
      kept.push(Buffer.alloc(1000));
      if (kept.length > 1000) kept.length = 0;
    }
  },
  throws() { throw new RangeError('on purpose'); },
  greedy() { for (const kept = []; ;) kept.push(new Array(10000).fill(kept.length + 0.5)); },
  nested() {
    start('sum', { from: 0, count: 100 }).then(({ messages }) => parentPort.postMessage(messages[0]));
  },
};

function start(body, data, { onMessage, ...options } = {}) {
  return new Promise((done) => {
    const messages = [];
    let failure = null;
    const worker = new Worker(__filename, { workerData: { body, data }, ...options });
    worker.on('message', (message) => { messages.push(message); onMessage?.(worker); });
    worker.on('error', (error) => { failure = error.code || error.name; });
    worker.on('exit', (code) => done({ messages, failure, code }));
  });
}

(async () => {
  if (!isMainThread) return bodies[workerData.body](workerData.data);
  for (let round = 0; round < 4; round++) {
    const all = await Promise.all(Array.from({ length: 6 }, (_, i) =>
      start('sum', { from: i * 1000, count: 1000 })));
    console.log('sums', all.map(({ messages }) => messages[0]).join());
  }
  const memory = new SharedArrayBuffer(4);
  await Promise.all(Array.from({ length: 4 }, () => start('shared', { memory })));
  console.log('shared', new Int32Array(memory)[0]);
  for (let i = 0; i < 6; i++) {
    const ended = await start('endless', {}, { onMessage: (worker) => worker.terminate() });
    console.log('terminated', ended.code);
  }
  console.log('throws', (await start('throws')).failure);
  console.log('greedy', (await start('greedy', {}, { resourceLimits: { maxOldGenerationSizeMb: 8 } })).failure);
  console.log('nested', (await start('nested')).messages[0]);
  const { port1, port2 } = new MessageChannel();
  port2.on('message', (buffer) => { console.log('moved', buffer.byteLength); port2.close(); });
  const buffer = new ArrayBuffer(1 << 20);
  port1.postMessage(buffer, [buffer]);
})();
