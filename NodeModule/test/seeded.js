// SPDX-License-Identifier: Apache-2.0
//
// The addon of Tests/MemtraceEndToEndTests/Fixtures/seeded.cpp, which the Swift tests have built.
'use strict';

module.exports = require(process.env.SEEDED_ADDON);
