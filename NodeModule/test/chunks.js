// SPDX-License-Identifier: Apache-2.0
//
// Reads the chunks of a trace, as docs/trace-format.md describes them, for tests of what is written.
'use strict';

const fs = require('fs');

const FILE_HEADER_BYTES = 4096;
const CHUNK_HEADER_BYTES = 32;
const MAGIC = 0x6b6e4843;

const KIND = { mark: 19, jsMemory: 21, collections: 22 };

/** The payloads of all chunks of one kind, in the order of the file. */
function payloads(path, kind) {
  const bytes = fs.readFileSync(path);
  const found = [];
  for (let at = FILE_HEADER_BYTES; at + CHUNK_HEADER_BYTES <= bytes.length;) {
    if (bytes.readUInt32LE(at) !== MAGIC || bytes.readBigUInt64LE(at + 16) !== BigInt(at)) {
      at += CHUNK_HEADER_BYTES; // a hole
      continue;
    }
    const start = at + CHUNK_HEADER_BYTES;
    if (bytes.readUInt16LE(at + 4) === kind)
      found.push(bytes.subarray(start, start + bytes.readUInt32LE(at + 12)));
    at += bytes.readUInt32LE(at + 8);
  }
  return found;
}

/** Names of the marks, with their kinds. */
function marks(path) {
  return payloads(path, KIND.mark).map((payload) => ({
    kind: payload.readUInt32LE(12),
    name: payload.toString('utf8', 24, 24 + payload.readUInt32LE(20)),
  }));
}

function memorySamples(path) {
  return payloads(path, KIND.jsMemory).map((payload) => ({
    rss: Number(payload.readBigUInt64LE(24)),
    heapTotal: Number(payload.readBigUInt64LE(32)),
    heapUsed: Number(payload.readBigUInt64LE(40)),
    external: Number(payload.readBigUInt64LE(48)),
    arrayBuffers: Number(payload.readBigUInt64LE(56)),
    heapLimit: Number(payload.readBigUInt64LE(64)),
    threadId: payload.readUInt32LE(72),
  }));
}

function collections(path) {
  return payloads(path, KIND.collections).flatMap((payload) =>
    Array.from({ length: payload.length / 32 }, (_, index) => ({
      startNs: payload.readBigUInt64LE(32 * index),
      durationNs: Number(payload.readBigUInt64LE(32 * index + 8)),
      isMonotonic: payload.readUInt32LE(32 * index + 16) === 1,
      kind: payload.readUInt32LE(32 * index + 20),
      threadId: payload.readUInt32LE(32 * index + 28),
    })));
}

module.exports = { collections, marks, memorySamples };
