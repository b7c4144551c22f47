// SPDX-License-Identifier: Apache-2.0
//
// Page data made by hand, as PageData.swift would write it.

/** A column: LEB128 varints in base64. */
export function encode(numbers) {
  const bytes = [];
  for (let number of numbers) {
    while (number >= 0x80) {
      bytes.push((number % 128) | 0x80);
      number = Math.floor(number / 128);
    }
    bytes.push(number);
  }
  return Buffer.from(bytes).toString('base64');
}

export const PARTS = ['start-up', 'the allocator', 'libc', 'node'];

/**
 * Data of sites `{stack: [names, innermost first], ...}`. A name with `@` is of that part: `main@0`;
 * one that ends in `.js` is JavaScript.
 */
export function pageData(sites, { history = null, duration = 1000 } = {}) {
  const strings = [''];
  const number = (text) => {
    if (!strings.includes(text)) strings.push(text);
    return strings.indexOf(text);
  };
  const frames = [];
  const frameOf = (name) => {
    const known = frames.findIndex((frame) => frame.name === name);
    if (known >= 0) return known;
    const [shown, part] = name.split('@');
    const kind = (part === undefined ? 0 : 2 + Number(part)) << 2 | (shown.endsWith('.js') ? 1 : 0);
    frames.push({ name, function: number(shown), file: number(`/src/${shown}.c`), image: number('/bin/app'), kind });
    return frames.length - 1;
  };
  for (const special of ['(cut)', '(none)', '(rest)']) frameOf(special);
  const nodes = [{ parent: 0, frame: 0 }];
  const nodeOf = (stack) => [...stack].reverse().reduce((parent, name) => {
    const frame = frameOf(name);
    const known = nodes.findIndex((node, index) => index > 0 && node.parent === parent && node.frame === frame);
    if (known >= 0) return known;
    nodes.push({ parent, frame });
    return nodes.length - 1;
  }, 0);
  const ends = sites.map(({ stack }) => nodeOf(stack));
  const column = (name) => encode(sites.map((site) => site[name] ?? 0));
  const zero = encode(frames.map(() => 0));
  const rest = {
    siteCount: 0, outstandingBytes: 0, outstandingCount: 0, allocatedBytes: 0, allocationCount: 0,
    peakBytes: 0, temporaryCount: 0,
  };
  return {
    trace: { from: 0, to: duration, duration },
    strings,
    parts: PARTS,
    frames: {
      count: frames.length, function: encode(frames.map((frame) => frame.function)),
      file: encode(frames.map((frame) => frame.file)), line: zero, column: zero,
      image: encode(frames.map((frame) => frame.image)), kind: encode(frames.map((frame) => frame.kind)),
    },
    nodes: {
      count: nodes.length, up: encode(nodes.slice(1).map((node, index) => index + 1 - node.parent)),
      frame: encode(nodes.slice(1).map((node) => node.frame)),
    },
    sites: {
      count: sites.length, total: sites.length, node: encode(ends),
      outstandingBytes: column('bytes'), outstandingCount: column('count'),
      allocatedBytes: column('total'), allocationCount: column('allocations'),
      peakBytes: column('peak'), temporaryCount: column('temporary'),
      first: column('first'), last: column('last'), functions: column('functions'),
    },
    rest,
    sources: { excerpts: [] },
    history,
  };
}

/** History data of cohorts `{site, instant, changes: [[instant, bytes, count], ...], ...}`. */
export function historyData(instants, cohorts, { beginsAtFirst = false } = {}) {
  let site = 0;
  const steps = cohorts.map((cohort) => {
    const step = cohort.site - site;
    site = cohort.site;
    return step;
  });
  const changes = cohorts.flatMap((cohort) => {
    let at = cohort.instant;
    return cohort.changes.map(([instant, bytes, count]) => {
      const step = instant - at;
      at = instant;
      return { step, bytes, count };
    });
  });
  const none = encode(instants.map(() => 0));
  return {
    instants, labels: instants.map(() => null), beginsAtFirst,
    totals: {
      outstandingBytes: none, outstandingCount: none, peakBytes: none, mappedBytes: none, peakTime: none,
    },
    entries: {
      count: cohorts.length, site: encode(steps), cohort: encode(cohorts.map(({ instant }) => instant)),
      allocatedBytes: encode(cohorts.map(({ total = 0 }) => total)),
      allocationCount: encode(cohorts.map(({ allocations = 0 }) => allocations)),
      temporaryCount: encode(cohorts.map(({ temporary = 0 }) => temporary)),
      changeCount: encode(cohorts.map((cohort) => cohort.changes.length)),
    },
    changes: {
      count: changes.length, instant: encode(changes.map(({ step }) => step)),
      bytes: encode(changes.map(({ bytes }) => bytes)), blocks: encode(changes.map(({ count }) => count)),
    },
  };
}
