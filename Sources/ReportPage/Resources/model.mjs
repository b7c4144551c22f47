// SPDX-License-Identifier: Apache-2.0
//
// What the page knows: the data of PageData.swift in arrays, and what each site holds in a range of
// time. No elements of the page, so that node can test it.
import { column, ColumnReader } from './columns.mjs';
import { baseName } from './format.mjs';
import { History } from './history.mjs';

/** What may be asked of a site. */
export const METRICS = [
  {
    id: 'outstanding', name: 'Outstanding', bytes: 'outstandingBytes', count: 'outstandingCount',
    about: 'allocated in the range and not freed by its end',
  },
  {
    id: 'growing', name: 'Growing', bytes: 'growthBytes', count: 'growthCount',
    about: 'held at the end of the range beyond what was held at its beginning',
  },
  {
    id: 'peak', name: 'Peak', bytes: 'peakBytes', count: 'peakCount',
    about: 'allocated in the range and outstanding at its highest instant',
  },
  {
    id: 'total', name: 'Total', bytes: 'allocatedBytes', count: 'allocationCount',
    about: 'allocated in the range, freed or not',
  },
  {
    id: 'temporary', name: 'Temporary', bytes: null, count: 'temporaryCount',
    about: 'freed before its thread allocated anything else',
  },
];

export const OWN = 0;
export const LIBRARY = 1;
export const PLUMBING = 2;

/** The frames of all stacks, by number. */
class Frames {
  /** @param {string} directory that of the program; paths within are shown from there on */
  constructor(data, strings, parts, directory = '') {
    const { count } = data;
    this.root = directory.length > 1 ? `${directory}/` : null;
    this.count = count;
    this.strings = strings;
    this.partNames = parts;
    this.functions = column(data.function, count, Uint32Array);
    this.files = column(data.file, count, Uint32Array);
    this.lines = column(data.line, count);
    this.columns = column(data.column, count);
    this.images = column(data.image, count, Uint32Array);
    this.kinds = column(data.kind, count, Uint32Array);
    this.identities = this.#identities();
  }

  /** Frames of one function have one number, whatever line of it they are at. */
  #identities() {
    const known = new Map();
    const identities = new Uint32Array(this.count);
    for (let frame = 0; frame < this.count; frame++) {
      const script = this.isScript(frame) ? `${this.lines[frame]}:${this.columns[frame]}` : '';
      const key = `${this.functions[frame]},${this.files[frame]},${this.images[frame]},${script}`;
      if (!known.has(key)) known.set(key, frame);
      identities[frame] = known.get(key);
    }
    return identities;
  }

  /** OWN, LIBRARY, or PLUMBING and above: PLUMBING + which of `partNames`. */
  part(frame) {
    return this.kinds[frame] >>> 2;
  }

  isScript(frame) {
    return (this.kinds[frame] & 1) !== 0;
  }

  isInlined(frame) {
    return (this.kinds[frame] & 2) !== 0;
  }

  isPlumbing(frame) {
    return this.part(frame) >= PLUMBING;
  }

  name(frame) {
    return this.strings[this.functions[frame]];
  }

  file(frame) {
    return this.strings[this.files[frame]];
  }

  image(frame) {
    return this.strings[this.images[frame]];
  }

  /** File and line where known, else the image. */
  place(frame, isShort = false) {
    const file = this.file(frame);
    if (!file) return baseName(this.image(frame));
    const isInside = this.root && file.startsWith(this.root);
    let place = isShort ? baseName(file) : isInside ? file.slice(this.root.length) : file;
    if (this.lines[frame] > 0) {
      place += `:${this.lines[frame]}`;
      if (this.isScript(frame) && this.columns[frame] > 0) place += `:${this.columns[frame]}`;
    }
    return place;
  }

  /** By frame: 1 where its function, file or image holds what `test` finds. */
  matching(test) {
    const verdicts = this.strings.map((text) => test(text));
    const matches = new Uint8Array(this.count);
    for (let frame = 0; frame < this.count; frame++) {
      if (
        verdicts[this.functions[frame]] || verdicts[this.files[frame]]
        || verdicts[this.images[frame]]
      ) matches[frame] = 1;
    }
    return matches;
  }
}

/** All stacks as paths from node 0, outermost frame first; parents have lower numbers. */
class Trie {
  constructor(data) {
    const { count } = data;
    this.count = count;
    this.parents = new Uint32Array(count);
    this.frames = new Uint32Array(count);
    this.firstChild = new Uint32Array(count);
    this.nextSibling = new Uint32Array(count);
    const up = new ColumnReader(data.up);
    const frames = new ColumnReader(data.frame);
    for (let node = 1; node < count; node++) {
      const parent = node - up.next();
      this.parents[node] = parent;
      this.frames[node] = frames.next();
      this.nextSibling[node] = this.firstChild[parent];
      this.firstChild[parent] = node;
    }
  }

  /** By node: the sum of what `values` says of the sites that end at it or below. */
  sums(nodes, values) {
    const sums = new Float64Array(this.count);
    for (let site = 0; site < nodes.length; site++) {
      if (values[site] > 0) sums[nodes[site]] += values[site];
    }
    for (let node = this.count - 1; node > 0; node--) sums[this.parents[node]] += sums[node];
    return sums;
  }

  /** By node: 1 where a frame on the way to it is one of `frames`. */
  through(frames) {
    const isThrough = new Uint8Array(this.count);
    for (let node = 1; node < this.count; node++) {
      isThrough[node] = isThrough[this.parents[node]] | frames[this.frames[node]];
    }
    return isThrough;
  }

  /** The frames on the way from a node to the root, innermost first. */
  stack(node) {
    const frames = [];
    for (let at = node; at > 0; at = this.parents[at]) frames.push(this.frames[at]);
    return frames;
  }
}

/** The data of the page. */
export class Model {
  #ranges = new Map();

  constructor(data) {
    this.data = data;
    this.frames = new Frames(data.frames, data.strings, data.parts, data.trace.directory);
    this.trie = new Trie(data.nodes);
    const { count } = data.sites;
    this.siteCount = count;
    this.siteNodes = column(data.sites.node, count, Uint32Array);
    this.firsts = column(data.sites.first, count);
    this.lasts = column(data.sites.last, count);
    this.functionBits = column(data.sites.functions, count, Uint32Array);
    this.history = data.history ? new History(data.history, count) : null;
    this.excerpts = new Map(data.sources.excerpts.map((excerpt) => [excerpt.frame, excerpt]));
    this.instants = this.history?.instants ?? [];
    /** The boundary that the time asked for begins at: -1, before the first instant, or that. */
    this.base = this.history?.base ?? -1;
  }

  /** All of the trace. */
  get whole() {
    return { from: this.base, to: this.instants.length - 1 };
  }

  isWhole(range) {
    return range.from === this.base && range.to === this.whole.to;
  }

  /** The nanoseconds that a range spans, as --from and --to take them: both are within. */
  times(range) {
    const { trace } = this.data;
    return {
      from: range.from === this.base ? trace.from : this.instants[range.from] + 1,
      to: range.to < 0 ? trace.to : this.instants[range.to] ?? trace.to,
    };
  }

  /** What each site holds, allocated and freed in a range: a column for each member of METRICS. */
  amounts(range) {
    const key = `${range.from},${range.to}`;
    let amounts = this.#ranges.get(key);
    if (!amounts) {
      amounts = this.isWhole(range) ? this.#wholeAmounts() : this.history.amounts(range);
      // A brush that is moved asks for many.
      if (this.#ranges.size > 16) this.#ranges.clear();
      this.#ranges.set(key, amounts);
    }
    return amounts;
  }

  #wholeAmounts() {
    const { sites, rest } = this.data;
    const amounts = {};
    for (const name of [
      'outstandingBytes', 'outstandingCount', 'allocatedBytes', 'allocationCount',
      'temporaryCount', 'peakBytes',
    ]) {
      amounts[name] = column(sites[name], this.siteCount + 1);
      amounts[name][this.siteCount] = rest[name];
    }
    amounts.peakCount = new Float64Array(this.siteCount + 1);
    if (this.history) {
      const { growthBytes, growthCount, peakBytes, peakCount } = this.history.amounts(this.whole);
      return { ...amounts, growthBytes, growthCount, peakBytes, peakCount };
    }
    amounts.growthBytes = amounts.outstandingBytes;
    amounts.growthCount = amounts.outstandingCount;
    return amounts;
  }

  /** The column of a metric, and whether it counts bytes. */
  values(range, metric, isInBytes) {
    const amounts = this.amounts(range);
    return isInBytes && metric.bytes ? amounts[metric.bytes] : amounts[metric.count];
  }

  /** The innermost frame of a site that the program's author wrote, else the most telling one. */
  responsibleFrame(node) {
    let best = -1;
    let bestPart = Infinity;
    for (let at = node; at > 0; at = this.trie.parents[at]) {
      const frame = this.trie.frames[at];
      const part = this.frames.part(frame);
      if (part === OWN) return frame;
      // Start-up, the first part, tells least.
      const rank = part === PLUMBING ? 1e9 : part;
      if (rank < bestPart) {
        best = frame;
        bestPart = rank;
      }
    }
    return best;
  }
}

/** The sum of a column. */
export function sum(values) {
  let total = 0;
  for (const value of values) total += value;
  return total;
}

/** A test for a text that a user typed: a regular expression, or where it is none, the text. */
export function textTest(text) {
  let pattern;
  try {
    pattern = new RegExp(text, 'i');
  } catch {
    pattern = new RegExp(text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'), 'i');
  }
  return (candidate) => pattern.test(candidate);
}
