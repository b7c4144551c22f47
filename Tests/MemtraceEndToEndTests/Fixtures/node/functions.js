// SPDX-License-Identifier: Apache-2.0
//
// Every kind of function that JavaScript has, each on a line of its own, loses one block.
'use strict';

const vm = require('vm');
const { lose } = require(process.env.WITNESS);
globalThis.lose = lose;

lose({ line: 1 });
class Session {
  constructor() { lose(); }
  method() { lose(); }
  static make() { lose(); }
  get user() { lose(); return 1; }
  set user(_) { lose(); }
  #secret() { lose(); }
  tell() { this.#secret(); }
  ['comp' + 'uted']() { lose({ name: '(anonymous)' }); }
  [Symbol.iterator]() { lose({ name: '(anonymous)' }); return [][Symbol.iterator](); }
  field = (() => { lose(); return 1; })();
  static { lose(); }
  arrow = () => { lose(); };
  async later() { await null; lose(); }
  *steps() { lose(); yield 1; }
  async *events() { lose(); yield 1; }
}
class Derived extends Session {
  method() { super.method(); lose(); }
}
const session = new Session();
session.method();
Session.make();
session.user;
session.user = 2;
session.tell();
session.computed();
for (const _ of session) ;
session.arrow();
for (const _ of session.steps()) ;
new Derived().method();

function plain() { lose(); }
plain();
const arrow = () => lose();
arrow();
[1].forEach(function () { lose(); });
[1].forEach(() => lose());
[2, 1].sort(function compare(a, b) { lose(); return a - b; });
(function () { lose(); })();
(function named() { lose(); })();
function outer() { function inner() { lose(); } inner(); }
outer();
const object = { short() { lose(); }, long: function () { lose(); }, 'GET /users': () => lose() };
object.short();
object.long();
object['GET /users']();
function größe() { lose(); }
größe();
(function bound() { lose(); }).bind(null)();
new Proxy(function target() { lose(); }, {})();
Reflect.apply(function applied() { lose(); }, null, []);
JSON.parse('[1]', function reviver(key, value) { if (key) lose(); return value; });
'x'.replace(/x/, function replacer() { lose(); return ''; });
`${{ toString() { lose(); return ''; } }}`;

eval('function evaled() { lose(); } evaled()');
(0, eval)('(function indirect() {\n lose({ line: 1 }); })()');
new Function('lose({ name: "(anonymous)", line: 1 })')();
vm.runInThisContext('(function machine() { lose(); })()');
vm.runInThisContext('(function virtual() { lose(); })()', { filename: '/virtual/a file.js' });
vm.runInThisContext('(function moved() { lose(); })()', { filename: 'moved.js', lineOffset: 10 });
new vm.Script('(function script() { lose(); })()', { filename: 'x.vm' }).runInNewContext({ lose });
vm.compileFunction('lose()', [], { filename: 'compiled.js' })();

(async () => { await session.later(); for await (const _ of session.events()) ; lose(); })();
Promise.resolve().then(function then() { lose(); });
process.nextTick(function tick() { lose(); });
setImmediate(function immediate() { lose(); });
setTimeout(() => lose(), 1);
