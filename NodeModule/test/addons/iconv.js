// SPDX-License-Identifier: Apache-2.0
//
// node-iconv: converters that come and go, text in many encodings, and text that cannot be converted.
'use strict';

const assert = require('node:assert');
const { addon } = require('./folder.js');

const { Iconv } = addon('iconv');

const TEXT = 'Größe, ça va, Ελληνικά, 日本語. ';

function iteration(i) {
  const text = TEXT.repeat(1 + i % 40);
  const out = new Iconv('UTF-8', 'UTF-16LE');
  const back = new Iconv('UTF-16LE', 'UTF-8');
  assert.strictEqual(back.convert(out.convert(text)).toString(), text);
  const latin = new Iconv('UTF-8', 'ISO-8859-1//TRANSLIT//IGNORE').convert(Buffer.from(text));
  assert.ok(latin.length > 0);
  assert.throws(() => new Iconv('UTF-8', 'ASCII').convert('日本'), { code: 'EILSEQ' });
  assert.throws(() => new Iconv('UTF-8', 'no such encoding'), /not supported/);
}

module.exports = { iteration, iterations: 50 };
