// SPDX-License-Identifier: Apache-2.0
//
// Functions of ECMAScript modules, each on a line of its own, lose one block.

import { createRequire } from 'node:module';
const { lose } = createRequire(import.meta.url)(process.env.WITNESS);
globalThis.lose = lose;

lose({ line: 1 });
export function exported() { lose(); }
exported();
const { default: anonymous, named } = await import('./exports.mjs');
anonymous();
named();
await import('data:text/javascript,export function data() { lose(); } data()');
await (async () => { await null; lose(); })();
