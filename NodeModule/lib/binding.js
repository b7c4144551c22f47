// SPDX-License-Identifier: Apache-2.0
//
// Finds the two native halves: the preloaded library, which is node's linked module "memtrace", and
// the command that reads its trace.
'use strict';

const fs = require('fs');
const path = require('path');
const { MemtraceError } = require('./errors.js');

const ADVICE =
  'run it as `memtrace run -- node ...`, or with LD_PRELOAD=/path/to/libmemtrace.so';

/** The module of the preloaded library; null where there is none, or it records nothing. */
function binding() {
  try {
    return process._linkedBinding('memtrace');
  } catch {
    return null;
  }
}

/** The same for those who cannot do without. */
function requiredBinding() {
  const traced = binding();
  if (!traced)
    throw new MemtraceError(
      'ERR_MEMTRACE_NOT_TRACED', `this process is not traced by memtrace: ${ADVICE}`);
  return traced;
}

function isCommand(file) {
  try {
    fs.accessSync(file, fs.constants.X_OK);
    return fs.statSync(file).isFile();
  } catch {
    return false;
  }
}

/** The path of the `memtrace` command: that of the library in use, before any other. */
function commandPath(libraryPath) {
  if (process.env.MEMTRACE_COMMAND) return process.env.MEMTRACE_COMMAND;
  const folders = [
    path.join(path.dirname(libraryPath), '..', 'bin'),
    ...(process.env.PATH ?? '').split(path.delimiter).filter(Boolean),
  ];
  const found = folders.map((folder) => path.join(folder, 'memtrace')).find(isCommand);
  if (!found)
    throw new MemtraceError(
      'ERR_MEMTRACE_NO_COMMAND',
      'the command memtrace was found neither beside the library nor on the PATH: ' +
        'set MEMTRACE_COMMAND to its path');
  return found;
}

module.exports = { binding, commandPath, requiredBinding };
