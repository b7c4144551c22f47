// SPDX-License-Identifier: Apache-2.0
//
// A node service for the tests of the page: handles requests for a second or so, loses memory in an
// add-on (argv[2]), keeps some in a cache, borrows some, and computes, so that every part of the
// page has something to show.
'use strict';

const crypto = require('crypto');
const zlib = require('zlib');
const addon = require(process.argv[2]);

const sessions = new Map();
const REQUESTS = 6000;

function handleUpload(request) {
  addon.lose(1024 + (request % 7) * 256);
}

function handleLogin(request) {
  addon.lose(256);
  sessions.set(request, Buffer.allocUnsafeSlow(4096));
  sessions.delete(request - 300);
}

function handlePing() {
  addon.borrow(512);
}

function digest(request) {
  return crypto.createHash('sha256').update(Buffer.alloc(2000, request)).digest('hex');
}

function compress(request) {
  return zlib.deflateSync(Buffer.alloc(30000, request));
}

function serve(request) {
  handlePing();
  if (request % 2 === 0) handleUpload(request);
  if (request % 6 === 0) handleLogin(request);
  if (request % 5 === 0) digest(request);
  if (request % 40 === 0) compress(request);
}

let request = 0;
function tick() {
  for (let count = 0; count < 100; count++) serve(request++);
  if (request < REQUESTS) setTimeout(tick, 5);
}
tick();
