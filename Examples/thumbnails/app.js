// SPDX-License-Identifier: Apache-2.0
//
// A service that makes thumbnails, and grows: 6,000 requests, every third for an avatar of 48 x 48
// pixels, which thumbnails.c does not release (2,000 times 9,216 + 16 bytes), the others for photos. Its
// memory is printed as it goes: the JavaScript heap stays as it is. docs/hunt.md follows the trail.
// usage: node app.js [ADDON [REQUESTS]]
'use strict';

const path = require('path');
const { thumbnail } = require(
  process.argv[2] || path.join(__dirname, '../../build/examples/thumbnails/thumbnails.node'));

function serveAvatar() {
  return thumbnail(48);
}

function servePhoto(request) {
  return thumbnail(200 + request % 100);
}

function handle(request) {
  return request % 3 === 0 ? serveAvatar() : servePhoto(request);
}

const mebibytes = (byteCount) => (byteCount / 2 ** 20).toFixed(1).padStart(5) + ' MiB';
const requestCount = Number(process.argv[3] || 6000);
for (let request = 0; request < requestCount; request++) {
  handle(request);
  if (request % (requestCount / 4) === 0) {
    const { rss, heapUsed } = process.memoryUsage();
    console.log(`${String(request).padStart(String(requestCount).length)} requests  rss ${mebibytes(rss)}  ` +
      `JavaScript heap ${mebibytes(heapUsed)}`);
  }
}
