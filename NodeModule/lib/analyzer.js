// SPDX-License-Identifier: Apache-2.0
//
// Asks the command what grew between two marks of a trace that is still being written.
'use strict';

const { execFile } = require('child_process');
const { commandPath } = require('./binding.js');
const { MemtraceError } = require('./errors.js');

const OUTPUT_BYTE_LIMIT = 1 << 29;
const GATE_FAILED = 1;

/** What the command needs to know; see `memtrace check --help`. */
function argumentsFor(request) {
  const { maxBytesPerIteration } = request;
  return [
    'check', request.tracePath,
    '--batch-marks', request.prefix,
    '--iterations', String(request.iterations),
    '--format', 'json',
    // Without a limit nothing may grow, blocks of no size neither.
    ...(maxBytesPerIteration > 0 ? ['--max-growth', String(maxBytesPerIteration)] : []),
    ...request.onlyImages.flatMap((pattern) => ['--only-image', pattern]),
    ...request.suppressions.flatMap((file) => ['--suppressions', file]),
  ];
}

/** The analyzer is not to be traced, nor to read what was meant for this program. */
function environment() {
  const variables = { ...process.env, MEMTRACE_DISABLE: '1' };
  delete variables.LD_PRELOAD;
  return variables;
}

function run(command, words) {
  return new Promise((resolve, reject) => {
    const options = { env: environment(), maxBuffer: OUTPUT_BYTE_LIMIT };
    execFile(command, words, options, (error, output, errors) => {
      if (!error || error.code === GATE_FAILED) resolve({ output, errors });
      else reject(analyzerFailure(command, error, errors));
    });
  });
}

function analyzerFailure(command, error, errors) {
  const said = String(errors ?? '').trim().replace(/^memtrace: /, '');
  return new MemtraceError('ERR_MEMTRACE_ANALYZER', said || `${command}: ${error.message}`);
}

/** memtrace-check/1, of which every failure is one of growth. */
async function growth(request) {
  const command = commandPath(request.libraryPath);
  const { output, errors } = await run(command, argumentsFor(request));
  let check;
  try {
    check = JSON.parse(output);
  } catch (error) {
    throw analyzerFailure(command, error, errors);
  }
  if (!check.growth)
    throw new MemtraceError(
      'ERR_MEMTRACE_ANALYZER', 'the command found no batches in the trace: is it of another version?');
  const other = check.failures.find(({ siteList, option }) => !(siteList ?? option ?? '').includes('growth'));
  if (other) throw new MemtraceError('ERR_MEMTRACE_LOST', other.message);
  return check;
}

module.exports = { growth };
