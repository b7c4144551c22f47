// SPDX-License-Identifier: Apache-2.0
//
// Functions of many kinds, each called so often that V8 optimizes it, and from one place that calls so
// many of them that it inlines none. Each call loses ten bytes; how many there are is argument 2.
'use strict';

const { addon } = require('./witness.js');

class Session {
  method() { addon.lose(10); }
  static make() { addon.lose(10); }
  get user() { return addon.lose(10); }
  #secret() { addon.lose(10); }
  static open() { return (session) => session.#secret(); }
}
const session = new Session();
function plain() { addon.lose(10); }
const arrow = () => addon.lose(10);
async function later() { addon.lose(10); }
function* steps() { for (;;) yield addon.lose(10); }
const generator = steps();
function closure(count) { return function closed() { addon.lose(count); }; }
function guarded() { try { addon.lose(10); } finally { session.last = 1; } }
function spread(...all) { addon.lose(all.length * 10); }
const { get } = Object.getOwnPropertyDescriptor(Session.prototype, 'user');

const calls = [
  plain, arrow, later, closure(10), guarded, spread, session.method, Session.make, get,
  generator.next.bind(generator),
];
const count = Number(process.argv[2]);
for (let i = 0; i < count; i++) {
  for (const call of calls) call.call(session, i);
}
console.log('done');
