// SPDX-License-Identifier: Apache-2.0
//
// What can be wrong, in words: a leak, with its stacks, or a measurement that could not be made.
'use strict';

const { javascriptFrame, nameOf, placeOf, stackLines } = require('./stack.js');

const SITE_LIMIT = 5;

/** A measurement that could not be made; `code` begins with ERR_MEMTRACE_. */
class MemtraceError extends Error {
  constructor(code, message) {
    super(`memtrace: ${message}`);
    this.name = 'MemtraceError';
    this.code = code;
  }
}

/** What was measured is more than what was allowed. */
class LeakError extends Error {
  constructor(result) {
    super(describe(result));
    this.name = 'LeakError';
    this.code = 'ERR_MEMTRACE_LEAK';
    this.result = result;
    this.bytesPerIteration = result.bytesPerIteration;
    this.blocksPerIteration = result.blocksPerIteration;
    this.sites = result.sites;
  }
}

function number(value) {
  const digits = value !== 0 && Math.abs(value) < 10 && !Number.isInteger(value) ? 3 : 1;
  return value.toLocaleString('en-US', { maximumFractionDigits: digits });
}

function blocks(count) {
  return `${number(count)} ${count === 1 ? 'block' : 'blocks'}`;
}

function describe(result) {
  const { iterations, batches, maxBytesPerIteration, sites } = result;
  const lines = [
    `${number(result.bytesPerIteration)} bytes in ${blocks(result.blocksPerIteration)} leak ` +
      `per iteration (${batches} batches of ${number(iterations)} iterations; ` +
      `${number(maxBytesPerIteration)} bytes are allowed)`,
  ];
  sites.slice(0, SITE_LIMIT).forEach((site, index) => lines.push('', ...siteLines(site, index)));
  if (sites.length > SITE_LIMIT)
    lines.push('', `... and ${sites.length - SITE_LIMIT} more stacks, in error.sites`);
  lines.push('', `the trace: ${result.tracePath}`);
  return lines.join('\n');
}

function siteLines(site, index) {
  const script = javascriptFrame(site.stack);
  const lines = [
    `${index + 1}. ${number(site.bytesPerIteration)} bytes in ` +
      `${blocks(site.blocksPerIteration)} per iteration, ${number(site.bytes)} bytes in ` +
      `${blocks(site.blocks)} together`,
  ];
  if (script) lines.push(`   from ${nameOf(script)} ${placeOf(script)}`);
  return lines.concat(stackLines(site.stack).map((line) => `     ${line}`));
}

module.exports = { LeakError, MemtraceError };
