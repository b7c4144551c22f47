// SPDX-License-Identifier: Apache-2.0
//
// For tests of names: lose() loses one block of a size of its own and prints, as one line of JSON, who
// called it by node's own account of the stack, the independent witness.
'use strict';

const fs = require('fs');
const path = require('path');
const { fileURLToPath } = require('url');
const { threadId } = require('worker_threads');
const addon = require(path.join(__dirname, '../../../../build/examples/node-addon/addon.node'));

let size = 1000 + threadId * 100000;

/// `known` is what V8 calls the function where node's stack traces say something else.
function lose(known = {}) {
  const prepare = Error.prepareStackTrace;
  Error.prepareStackTrace = (_, sites) => sites;
  const caller = new Error().stack[1];
  Error.prepareStackTrace = prepare;
  let file = caller.getFileName() ?? '<anonymous>';
  if (file.startsWith('file:')) file = fileURLToPath(file);
  size += 8;
  addon.lose(size);
  const name = caller.getFunctionName() ?? '(anonymous)';
  const line = caller.getLineNumber();
  fs.writeSync(1, JSON.stringify({ size, name, file, line, ...known }) + '\n');
}

module.exports = { lose, addon };
