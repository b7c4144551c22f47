// SPDX-License-Identifier: Apache-2.0
//
// The panel that shows one stack, innermost frame first, with lines of source where the page has
// them.
import { byId, copyButton, el, fill } from './dom.mjs';

/** Shows a stack, and what is known about it. */
export class StackPanel {
  constructor(model, palette) {
    this.model = model;
    this.palette = palette;
    this.view = byId('stack-view');
    this.clear();
  }

  clear() {
    fill(this.view, el('p.faint', {
      textContent: 'Select a box of the graph or a row of the table to see the stack here.',
    }));
  }

  /**
   * @param {string} title what was selected
   * @param {[string, string][]} facts names and values
   * @param {number|null} node where the stack to show ends
   * @param {string} remark what stack that is
   * @param {Element[]} actions what may be done with it
   */
  show({ title, facts, node, remark = '', actions = [], folds = true }) {
    const frames = node === null ? [] : this.model.trie.stack(node);
    fill(
      this.view,
      el('h3.name', { textContent: title }),
      el('dl.facts', {}, facts.flatMap(([name, value]) => [
        el('dt', { textContent: name }), el('dd', { textContent: value }),
      ])),
      actions.length > 0 ? el('p.actions', {}, actions) : null,
      remark ? el('p.faint', { textContent: remark }) : null,
      frames.length > 0 ? this.#list(frames, folds) : null,
      frames.length > 0
        ? el('p.actions', {}, copyButton('Copy the stack', () => this.#text(frames)))
        : null,
    );
  }

  /** The frames; neighbors of the runtime behind a line that opens. */
  #list(frames, folds) {
    const items = [];
    let hidden = [];
    const flush = () => {
      if (hidden.length === 0) return;
      const parts = new Set(hidden.map((frame) => this.palette.label(frame)));
      const words = [...parts].slice(0, 2).join(' and ');
      items.push(el('li.folded', {},
        el('details', {},
          el('summary', {
            textContent: `… ${hidden.length} ${hidden.length === 1 ? 'frame' : 'frames'} of ${words}`,
          }),
          el('ol', {}, hidden.map((frame) => this.#item(frame))))));
      hidden = [];
    };
    const { frames: table } = this.model;
    const hasOther = frames.some((frame) => !table.isPlumbing(frame));
    for (const frame of frames) {
      if (folds && hasOther && table.isPlumbing(frame)) {
        hidden.push(frame);
      } else {
        flush();
        items.push(this.#item(frame));
      }
    }
    flush();
    return el('ol.stack', { 'aria-label': 'Frames, innermost first' }, items);
  }

  #item(frame) {
    const { frames } = this.model;
    return el('li', {},
      el(`span.swatch.${this.palette.className(frame)}`, { 'aria-hidden': 'true' }),
      el('span.function', { textContent: frames.name(frame) }),
      frames.isScript(frame) ? el('abbr.tag', { textContent: 'JS', title: 'JavaScript' }) : null,
      frames.isInlined(frame) ? el('span.tag', { textContent: 'inlined' }) : null,
      el('span.place', { textContent: frames.place(frame) }),
      this.#source(frame));
  }

  #source(frame) {
    const excerpt = this.model.excerpts.get(frame);
    if (!excerpt) return null;
    const line = this.model.frames.lines[frame];
    return el('details.source', { open: true },
      el('summary', { textContent: 'Source' }),
      el('pre', {}, excerpt.lines.map((text, index) => {
        const number = excerpt.first + index;
        return el(number === line ? 'span.line.at' : 'span.line', {},
          el('span.number', { textContent: String(number).padStart(5) }), ` ${text}\n`);
      })));
  }

  #text(frames) {
    return frames
      .map((frame) => `${this.model.frames.name(frame)}  ${this.model.frames.place(frame)}`)
      .join('\n');
  }
}
