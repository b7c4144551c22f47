// SPDX-License-Identifier: Apache-2.0
//
// The table of sites: a hundred thousand of them, of which only those in sight are elements.
import { formatBytes, formatCount, formatExactBytes, formatInstant, formatNoun } from './format.mjs';
import { byId, el, fill } from './dom.mjs';
import { shortName } from './graph.mjs';

const PRINTED_COUNT = 40;

/** Columns of numbers, and the members of Model.amounts they show. */
const COLUMNS = [
  { id: 'outstandingBytes', name: 'Outstanding', format: formatBytes, exact: formatExactBytes },
  { id: 'outstandingCount', name: 'Blocks', format: formatCount },
  { id: 'growthBytes', name: 'Growth', format: formatBytes, exact: formatExactBytes, rank: 2 },
  { id: 'allocatedBytes', name: 'Total', format: formatBytes, exact: formatExactBytes, rank: 2 },
  { id: 'allocationCount', name: 'Allocations', format: formatCount, rank: 3 },
  { id: 'temporaryCount', name: 'Temporary', format: formatCount, rank: 3 },
  { id: 'peakBytes', name: 'Peak', format: formatBytes, exact: formatExactBytes, rank: 3 },
  { id: 'first', name: 'First', format: (time) => formatInstant(time * 1000), rank: 4 },
  { id: 'last', name: 'Last', format: (time) => formatInstant(time * 1000), rank: 4 },
];

/** The sites, in an order, those that pass the filter. */
export class SiteTable {
  /** @param {object} actions `select(site)` */
  constructor(model, palette, actions) {
    this.model = model;
    this.palette = palette;
    this.actions = actions;
    this.sort = { id: 'outstandingBytes', isUp: false };
    this.rows = [];
    this.active = 0;
    this.names = new Array(model.siteCount);
    this.#build();
  }

  #build() {
    this.headers = new Map();
    const header = (id, name, rank, isText) => {
      const button = el('button', { type: 'button', textContent: name, onclick: () => this.#sortBy(id) });
      const cell = el(`div.cell${isText ? '.text' : ''}${rank ? `.rank${rank}` : ''}`, {
        role: 'columnheader', 'aria-sort': 'none',
      }, button);
      this.headers.set(id, cell);
      return cell;
    };
    this.head = el('div.head', { role: 'rowgroup' }, el('div.row', { role: 'row', 'aria-rowindex': 1 },
      COLUMNS.map(({ id, name, rank }) => header(id, name, rank)),
      header('name', 'Function', 0, true), header('place', 'Where', 2, true)));
    this.body = el('div.rows', { role: 'rowgroup' });
    this.scroller = el('div.table-scroller', { onscroll: () => this.#draw() }, this.head, this.body);
    this.grid = el('div.table', {
      role: 'grid', 'aria-label': 'Sites', 'aria-colcount': COLUMNS.length + 2,
      'aria-describedby': 'sites-help',
      onkeydown: (event) => this.#key(event), onclick: (event) => this.#click(event),
    }, this.scroller);
    this.count = el('p.faint.note', { role: 'status' });
    fill(byId('sites-view'), this.grid, this.count, el('p.faint.note', {
      id: 'sites-help',
      textContent: 'Arrows, Page Up, Page Down, Home and End move from row to row; the stack of the row is shown in Stack.',
    }));
    new ResizeObserver(() => this.#draw()).observe(this.scroller);
    addEventListener('beforeprint', () => this.#print());
    addEventListener('afterprint', () => this.#draw());
  }

  /** What is to be shown. @param {(site: number) => boolean} isWanted */
  show(amounts, isWanted, remark) {
    this.amounts = { ...amounts, first: this.model.firsts, last: this.model.lasts };
    const rows = [];
    for (let site = 0; site < this.model.siteCount; site++) {
      const isUsed = amounts.allocationCount[site] > 0 || amounts.outstandingCount[site] > 0
        || amounts.growthBytes[site] !== 0;
      if (isUsed && isWanted(site)) rows.push(site);
    }
    this.rows = rows;
    this.active = 0;
    this.#order();
    const rest = this.model.data.rest.siteCount;
    this.count.textContent = `${formatNoun(rows.length, 'site')}${remark}`
      + (rest > 0 ? `; ${formatNoun(rest, 'more site')} are only summed up` : '');
    this.grid.setAttribute('aria-rowcount', String(rows.length + 1));
    this.scroller.scrollTop = 0;
    this.#draw();
  }

  #sortBy(id) {
    const isText = id === 'name' || id === 'place';
    this.sort = { id, isUp: this.sort.id === id ? !this.sort.isUp : isText || id === 'first' };
    this.#order();
    this.active = 0;
    this.scroller.scrollTop = 0;
    this.#draw();
  }

  #order() {
    const { id, isUp } = this.sort;
    for (const [name, cell] of this.headers) {
      cell.setAttribute('aria-sort', name !== id ? 'none' : isUp ? 'ascending' : 'descending');
    }
    const sign = isUp ? 1 : -1;
    if (id === 'name' || id === 'place') {
      const keys = new Map(this.rows.map((site) => [site, this.#name(site)[id]]));
      this.rows.sort((left, right) =>
        sign * compare(keys.get(left), keys.get(right)) || left - right);
    } else {
      const values = this.amounts[id];
      this.rows.sort((left, right) => sign * (values[left] - values[right]) || left - right);
    }
  }

  #name(site) {
    let name = this.names[site];
    if (!name) {
      const { frames, siteNodes } = this.model;
      const frame = this.model.responsibleFrame(siteNodes[site]);
      name = {
        frame, name: frame < 0 ? '' : shortName(frames.name(frame)),
        place: frame < 0 ? '' : frames.place(frame, true),
      };
      this.names[site] = name;
    }
    return name;
  }

  /** Makes the rows in sight. */
  #draw() {
    if (!this.amounts) return;
    const height = this.#rowHeight();
    this.body.style.height = `${this.rows.length * height}px`;
    const first = Math.max(0, Math.floor(this.scroller.scrollTop / height) - 4);
    const count = Math.ceil(this.scroller.clientHeight / height) + 8;
    const hadFocus = this.body.contains(document.activeElement);
    const elements = [];
    for (let index = first; index < Math.min(this.rows.length, first + count); index++) {
      elements.push(this.#row(index, height));
    }
    // The row that Tab reaches is always there.
    const isInSight = this.active >= first && this.active < first + count;
    if (!isInSight && this.rows.length > 0) elements.push(this.#row(this.active, height));
    fill(this.body, elements);
    if (hadFocus) this.#activeRow()?.focus({ preventScroll: true });
  }

  /** On paper the first rows stand one below the other. */
  #print() {
    fill(this.body, this.rows.slice(0, PRINTED_COUNT).map((_, index) => this.#row(index, 0)));
  }

  #rowHeight() {
    if (!this.probe) {
      this.probe = el('div.row.probe', { 'aria-hidden': 'true' }, el('div.cell', { textContent: '0' }));
      this.grid.parentElement.append(this.probe);
    }
    return Math.max(16, this.probe.getBoundingClientRect().height);
  }

  #row(index, height) {
    const site = this.rows[index];
    const { frame, name, place } = this.#name(site);
    const { frames } = this.model;
    const row = el('div.row', {
      role: 'row', 'aria-rowindex': index + 2, tabIndex: index === this.active ? 0 : -1,
      'aria-selected': String(index === this.active),
    },
    COLUMNS.map(({ id, format, exact, rank }) => el(`div.cell${rank ? `.rank${rank}` : ''}`, {
      role: 'gridcell', textContent: format(this.amounts[id][site]),
      title: exact ? exact(this.amounts[id][site]) : undefined,
    })),
    el('div.cell.text', { role: 'gridcell', title: frame < 0 ? '' : frames.name(frame) },
      el(`span.swatch.${this.palette.className(frame)}`, { 'aria-hidden': 'true' }),
      frame >= 0 && frames.isScript(frame) ? el('span.badge', { textContent: 'JS' }) : null,
      el('bdi', { textContent: name || '(no name)' })),
    el('div.cell.text.rank2', {
      role: 'gridcell', title: frame < 0 ? '' : frames.place(frame),
    }, el('bdi', { textContent: place })));
    row.index = index;
    if (height > 0) row.style.top = `${index * height}px`;
    return row;
  }

  #activeRow() {
    return [...this.body.children].find((row) => row.index === this.active);
  }

  #moveTo(index) {
    if (this.rows.length === 0) return;
    this.active = Math.max(0, Math.min(this.rows.length - 1, index));
    const height = this.#rowHeight();
    const top = this.active * height;
    const headHeight = this.head.offsetHeight;
    if (top < this.scroller.scrollTop) this.scroller.scrollTop = top;
    const bottom = top + height + headHeight - this.scroller.clientHeight;
    if (bottom > this.scroller.scrollTop) this.scroller.scrollTop = bottom;
    this.#draw();
    this.#activeRow()?.focus({ preventScroll: true });
    this.actions.select(this.rows[this.active]);
  }

  #click(event) {
    const row = event.target.closest('.row');
    if (row && row.index !== undefined) this.#moveTo(row.index);
  }

  #key(event) {
    if (!this.body.contains(event.target)) return;
    const page = Math.max(1, Math.floor(this.scroller.clientHeight / this.#rowHeight()) - 2);
    const steps = {
      ArrowDown: this.active + 1, ArrowUp: this.active - 1, PageDown: this.active + page,
      PageUp: this.active - page, Home: 0, End: this.rows.length - 1, Enter: this.active,
    };
    if (!(event.key in steps) || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    this.#moveTo(steps[event.key]);
  }
}

function compare(left, right) {
  if (left === right) return 0;
  return left < right ? -1 : 1;
}
