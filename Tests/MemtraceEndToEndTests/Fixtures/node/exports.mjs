// SPDX-License-Identifier: Apache-2.0
//
// What module.mjs imports.

export default function () { lose(); }
export const named = () => { lose(); };
