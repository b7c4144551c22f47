// SPDX-License-Identifier: Apache-2.0
//
// Loads the addon from where node-gyp, or this repository's `make examples`, has built it.
'use strict';

const fs = require('fs');
const path = require('path');

const places = [
  path.join(__dirname, 'build/Release/wordcount.node'),
  path.join(__dirname, '../../build/examples/addon-regression/wordcount.node'),
];
const place = process.env.WORDCOUNT_ADDON ?? places.find((file) => fs.existsSync(file));
if (!place) throw new Error(`wordcount is not built: none of ${places.join(', ')} is there`);

module.exports = require(place);
