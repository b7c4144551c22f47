// SPDX-License-Identifier: Apache-2.0
//
// A node program whose add-on (../node-addon/addon.c) loses memory under three JavaScript functions,
// each of which V8 runs in another way: loadConfig(), called once, is interpreted and loses one block
// of 100,000 bytes; Session.open(), called 2,000 times, is compiled (baseline) and loses 200 bytes each
// time (400,000 bytes); handleUpload(), called 20,000 times, is optimized and loses 100 bytes each
// time (2,000,000 bytes). The other routes borrow what they use and give it back.
'use strict';

const path = require('path');
const addon = require(path.join(__dirname, '../../build/examples/node-addon/addon.node'));

function loadConfig() {
  addon.lose(100000);
}

class Session {
  open() {
    addon.lose(200);
  }
}

function handleUpload(request) {
  addon.lose(request.size);
}

// As many routes as servers have: V8 inlines none of them into serve().
const routes = {
  '/upload': handleUpload,
  '/list': (request) => addon.borrow(request.size),
  '/find': (request) => addon.borrow(request.size + 1),
  '/show': (request) => addon.borrow(request.size + 2),
  '/edit': (request) => addon.borrow(request.size + 3),
  '/move': (request) => addon.borrow(request.size + 4),
};
const others = Object.keys(routes).slice(1);

function serve(requestCount) {
  for (let i = 0; i < requestCount; i++) {
    const url = i % 2 === 0 ? '/upload' : others[i % others.length];
    routes[url]({ size: 100 });
  }
}

loadConfig();
for (let i = 0; i < 2000; i++) new Session().open();
serve(40000);
console.log('served 40000 requests');
