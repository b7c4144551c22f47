// SPDX-License-Identifier: Apache-2.0
//
// The line below the curves: what was allocated in the range and is there at its end, and the
// command that says the same.
import { formatBytes, formatInstant, formatNoun } from './format.mjs';
import { byId, copyButton, el, fill } from './dom.mjs';
import { sum } from './model.mjs';

/** Says what a range holds. */
export class RangeLine {
  /** @param {() => void} reset goes back to all of the trace */
  constructor(model, reset) {
    this.model = model;
    this.reset = reset;
    this.view = byId('range');
    // One element for good, so that a screen reader says what changes in it.
    this.status = el('p.status', { role: 'status' });
  }

  show(range) {
    const { model, view } = this;
    const amounts = model.amounts(range);
    const times = model.times(range);
    const sums = {
      bytes: sum(amounts.outstandingBytes), count: sum(amounts.outstandingCount),
      totalBytes: sum(amounts.allocatedBytes), totalCount: sum(amounts.allocationCount),
    };
    for (const [name, value] of Object.entries({ ...sums, ...times })) {
      view.dataset[name] = String(value);
    }
    if (model.instants.length < 2) {
      fill(view);
      return;
    }
    const isWhole = model.isWhole(range);
    const held = `${formatBytes(sums.bytes)} in ${formatNoun(sums.count, 'block')}`;
    const all = `${formatBytes(sums.totalBytes)} in ${formatNoun(sums.totalCount, 'block')}`;
    this.status.textContent = isWhole
      ? `All of it: ${held} outstanding at the end. Drag across the curves, or move the two handles, to look at a part.`
      : `${formatInstant(times.from)} to ${formatInstant(times.to)}: ${held} allocated then and still outstanding at its end; ${all} allocated in all.`;
    const path = shellQuoted(model.data.trace.path);
    const command = `memtrace report ${path} --from ${times.from}ns --to ${times.to}ns`;
    fill(view, this.status, isWhole ? null : el('p.actions', {},
      el('button.quiet', { type: 'button', textContent: 'All of the trace', onclick: this.reset }),
      copyButton('Copy as a command', () => command), el('code', { textContent: command })));
  }
}

/** A word of a command line. */
function shellQuoted(text) {
  return /^[\w./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
