// SPDX-License-Identifier: Apache-2.0
//
// A node program that leaks outside V8's heap, through addon.c, where no heap snapshot sees it:
// handleUpload() loses 200 blocks of 1,024 bytes (204,800 bytes), handleLogin() 100 blocks of
// 256 bytes (25,600 bytes). handlePing() borrows 400 blocks of 512 bytes and gives each back.
'use strict';

const path = require('path');
const addon = require(
  process.argv[2] || path.join(__dirname, '../../build/examples/node-addon/addon.node'));

function handleUpload() {
  addon.lose(1024);
}

function handleLogin() {
  addon.lose(256);
}

function handlePing() {
  addon.borrow(512);
}

function serve(requestCount) {
  for (let i = 0; i < requestCount; i++) {
    handlePing();
    if (i % 2 === 0) handleUpload();
    if (i % 4 === 0) handleLogin();
  }
}

serve(400);
console.log('served 400 requests');
