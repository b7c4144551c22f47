// SPDX-License-Identifier: Apache-2.0
//
// Loads an addon from the folder that .ci/debian-addons has unpacked.
'use strict';

const path = require('path');

const ARCHITECTURES = { x64: 'x86_64-linux-gnu', arm64: 'aarch64-linux-gnu' };

function addon(name) {
  const libraries = path.join(process.env.DEBIAN_ADDONS, 'usr/lib', ARCHITECTURES[process.arch]);
  return require(path.join(libraries, 'nodejs', name));
}

module.exports = { addon };
