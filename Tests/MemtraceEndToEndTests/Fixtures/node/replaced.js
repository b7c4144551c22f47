// SPDX-License-Identifier: Apache-2.0
//
// Makes functions that are used once and thrown away, so that V8 gives their code's place to the next
// ones: f0 loses 1000 bytes, f1 1001, and so on; how many there are is argument 2.
'use strict';

globalThis.addon = require('./witness.js').addon;
require('v8').setFlagsFromString('--expose-gc');
const collect = require('vm').runInNewContext('gc');
for (let i = 0; i < Number(process.argv[2]); i++) {
  (0, eval)(`(function f${i}() { addon.lose(${1000 + i}); })()`);
  if (i % 10 === 9) collect();
}
console.log('done');
