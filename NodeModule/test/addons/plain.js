// SPDX-License-Identifier: Apache-2.0
//
// Runs one workload so many times, and nothing else, for another tool to judge. Garbage is collected in
// the end: valgrind takes what only JavaScript's heap points to for lost.
//
//   node plain.js NAME COUNT [forgetful]
'use strict';

const { garbageCollector, settle } = require('../../lib/garbage.js');

const [name, count, kind] = process.argv.slice(2);
const workload = require(`./${name}.js`);
const iteration = kind === 'forgetful' ? workload.forgetfulIteration : workload.iteration;

(async () => {
  for (let i = 0; i < Number(count); i++) await iteration(i);
  await settle(garbageCollector());
})();
