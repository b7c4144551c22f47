// SPDX-License-Identifier: Apache-2.0
//
// node --require memtrace/register app.js: JavaScript's memory and its collections go into the
// trace, of workers as well. Without a recording nothing happens.
'use strict';

const { observeMemory } = require('./lib/observe.js');

const wish = Number(process.env.MEMTRACE_JS_SAMPLE_MS);
observeMemory({ intervalMs: wish > 0 ? wish : 1000 });
