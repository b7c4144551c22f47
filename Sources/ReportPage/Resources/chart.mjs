// SPDX-License-Identifier: Apache-2.0
//
// The chart of memory over time, and the range that is brushed on it: by dragging, or with two
// sliders that the keyboard moves. A range begins and ends at instants that the page has data for.
import { formatBytes, formatDuration, formatInstant, formatNoun } from './format.mjs';
import { byId, el, fill, svg, tickBox } from './dom.mjs';
import { curvesOf, HEIGHT, nearestBoundary, pathOf, scaleFor, ticksFor, timeColumn, valueAt, WIDTH } from './curves.mjs';

/** The curves and the brush. */
export class Chart {
  /** @param {(range: {from: number, to: number}) => void} choose */
  constructor(model, choose) {
    this.model = model;
    this.choose = choose;
    this.curves = curvesOf(model);
    const { from, to } = model.data.trace;
    this.start = from;
    this.end = Math.max(to, from + 1, model.instants.at(-1) ?? 0);
    this.hidden = new Set(this.curves.filter((curve) => curve.isHidden).map(({ id }) => id));
    this.range = model.whole;
    this.canBrush = model.instants.length > 1;
    this.#build();
    this.draw();
    this.show(this.range);
  }

  #build() {
    this.picture = svg('svg', {
      viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: 'none', role: 'img',
      'aria-label': this.#description(),
    });
    this.grid = el('div.grid-lines', { 'aria-hidden': 'true' });
    this.marks = el('div.marks');
    this.shades = [el('div.shade'), el('div.shade')];
    this.handles = ['from', 'to'].map((side) => this.#handle(side));
    this.cross = el('div.cross', { hidden: true, 'aria-hidden': 'true' });
    this.readout = el('div.readout', { hidden: true, 'aria-hidden': 'true' });
    this.plot = el(`div.plot${this.canBrush ? '.brushable' : ''}`, {
      onpointerdown: (event) => this.#pointerDown(event),
      onpointermove: (event) => this.#hover(event),
      onpointerleave: () => this.#leave(),
    }, this.grid, this.picture, this.shades, this.marks, this.cross, this.readout,
    this.canBrush ? this.handles : null);
    this.times = el('div.times', { 'aria-hidden': 'true' });
    fill(byId('chart'), this.plot, this.times);
    fill(byId('series'), this.curves.map(({ id, name }) => {
      const box = tickBox(name, !this.hidden.has(id), (isShown) => {
        if (isShown) this.hidden.delete(id);
        else this.hidden.add(id);
        this.draw();
      });
      box.prepend(el(`span.dash.k-${id}`, { 'aria-hidden': 'true' }));
      return box;
    }));
  }

  #description() {
    const highest = this.curves.map(({ name, values }) =>
      `${name} up to ${formatBytes(values.reduce((most, value) => Math.max(most, value), 0))}`);
    return `Memory over ${formatDuration(this.end - this.start)}: ${highest.join(', ')}`;
  }

  #handle(side) {
    return el(`div.handle.${side}`, {
      role: 'slider', tabIndex: 0, 'aria-label': side === 'from' ? 'Range begins' : 'Range ends',
      'aria-valuemin': this.model.base, 'aria-valuemax': this.model.instants.length - 1,
      'aria-orientation': 'horizontal',
      onkeydown: (event) => this.#key(event, side),
    });
  }

  #share(time) {
    return (time - this.start) / (this.end - this.start);
  }

  /** Draws the curves that are shown. */
  draw() {
    const shown = this.curves.filter(({ id }) => !this.hidden.has(id));
    const highest = shown.reduce(
      (most, { values }) => values.reduce((top, value) => Math.max(top, value), most), 0);
    const { top, steps } = scaleFor(highest);
    fill(this.picture, shown.flatMap((curve) => {
      const path = (isArea) => pathOf({ ...curve, isArea }, this.start, this.end, top);
      const line = svg('path', { class: `curve k-${curve.id}`, d: path(false) });
      return curve.isArea
        ? [svg('path', { class: `area k-${curve.id}`, d: path(true) }), line] : [line];
    }));
    fill(this.grid, Array.from({ length: steps }, (_, step) => {
      const line = el('div.grid-line', {}, el('span', {
        textContent: formatBytes((top / steps) * (step + 1)),
      }));
      line.style.bottom = `${((step + 1) / steps) * 100}%`;
      return line;
    }));
    fill(this.times, ticksFor(this.start, this.end).map((time) => {
      const tick = el('span', { textContent: formatTick(time, this.end - this.start) });
      tick.style.left = `${this.#share(time) * 100}%`;
      return tick;
    }));
    this.#drawMarks();
  }

  #drawMarks() {
    const { marks, large, memory } = this.model.data;
    const place = (element, time) => {
      const share = Math.min(1, Math.max(0, this.#share(time)));
      element.style.left = `${share * 100}%`;
      element.classList.toggle('onLeft', share > 0.85);
      return element;
    };
    const named = marks.slice(0, 200).map(({ name, kind, time }) => place(el('button.mark', {
      type: 'button', title: `${name || kind}, ${formatInstant(time)}: the range begins here`,
      tabIndex: this.canBrush ? 0 : -1,
      onclick: () => this.#move('from', nearestBoundary(this.model.instants, this.start, time)),
    }, el('bdi', { textContent: name || kind })), time));
    const blocks = large.slice(0, 200).map(({ time, bytes, kind }) => place(el('span.large', {
      title: `${kind === 'burst' ? 'sudden growth' : 'large allocation'} of ${formatBytes(bytes)}, ${formatInstant(time)}`,
    }), time));
    const { collections } = memory ?? {};
    const ticks = collections ? timeColumn(collections.times, collections.count)
      .map((time, index) => ({ time, isMajor: collections.majors[index] === '1' })) : [];
    const path = ticks.map(({ time, isMajor }) =>
      `M${(this.#share(time) * WIDTH).toFixed(1)} ${HEIGHT}v-${isMajor ? 7 : 3}`).join('');
    if (path) {
      this.picture.append(svg('path', { class: 'collections', d: path },
        svg('title', {}, formatNoun(ticks.length, 'garbage collection'))));
    }
    fill(this.marks, named, blocks);
  }

  /** Shows which range is chosen. */
  show(range) {
    this.range = range;
    const times = this.model.times(range);
    const left = this.#share(times.from);
    const right = this.#share(range.to === this.model.whole.to ? this.end : times.to);
    this.shades[0].style.width = `${left * 100}%`;
    this.shades[1].style.left = `${right * 100}%`;
    this.handles.forEach((handle, index) => {
      const boundary = index === 0 ? range.from : range.to;
      handle.style.left = `${(index === 0 ? left : right) * 100}%`;
      handle.setAttribute('aria-valuenow', String(boundary));
      handle.setAttribute('aria-valuetext', this.boundaryName(boundary));
    });
  }

  /** A boundary in words: the mark that is there, and the instant. */
  boundaryName(boundary) {
    if (boundary <= this.model.base) return `${formatInstant(this.start)}, the beginning`;
    const label = this.model.history?.labels[boundary];
    const instant = formatInstant(this.model.instants[boundary]);
    return label ? `${instant}, mark ${label}` : instant;
  }

  #move(side, boundary) {
    const last = this.model.whole.to;
    const range = { ...this.range };
    if (side === 'from') {
      range.from = Math.max(this.model.base, Math.min(last - 1, boundary));
      if (range.to <= range.from) range.to = range.from + 1;
    } else {
      range.to = Math.max(this.model.base + 1, Math.min(last, boundary));
      if (range.from >= range.to) range.from = range.to - 1;
    }
    if (range.from === this.range.from && range.to === this.range.to) return;
    this.show(range);
    this.choose(range);
  }

  #key(event, side) {
    const at = this.range[side];
    const ends = side === 'from' ? [this.model.base, this.range.to - 1] : [this.range.from + 1, this.model.whole.to];
    const steps = {
      ArrowLeft: at - 1, ArrowDown: at - 1, ArrowRight: at + 1, ArrowUp: at + 1,
      PageDown: at - 10, PageUp: at + 10, Home: ends[0], End: ends[1],
    };
    if (!(event.key in steps) || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    this.#move(side, Math.max(ends[0], Math.min(ends[1], steps[event.key])));
  }

  #time(event) {
    const box = this.plot.getBoundingClientRect();
    const share = Math.max(0, Math.min(1, (event.clientX - box.left) / box.width));
    return this.start + share * (this.end - this.start);
  }

  #pointerDown(event) {
    if (!this.canBrush || event.button !== 0 || event.target.closest('.mark')) return;
    event.preventDefault();
    const { instants } = this.model;
    const nearest = () =>
      Math.max(this.model.base, nearestBoundary(instants, this.start, this.#time(moved)));
    let moved = event;
    const handle = event.target.closest('.handle');
    let anchor = nearest();
    if (handle) {
      handle.focus();
      anchor = handle === this.handles[0] ? this.range.to : this.range.from;
    }
    const follow = (next) => {
      moved = next;
      const at = nearest();
      if (at === anchor) return;
      const range = { from: Math.min(anchor, at), to: Math.max(anchor, at) };
      this.show(range);
      cancelAnimationFrame(this.frame);
      this.frame = requestAnimationFrame(() => this.choose(range));
    };
    const stop = () => {
      this.plot.removeEventListener('pointermove', follow);
      this.plot.removeEventListener('pointerup', stop);
      this.plot.removeEventListener('pointercancel', stop);
    };
    this.plot.setPointerCapture(event.pointerId);
    this.plot.addEventListener('pointermove', follow);
    this.plot.addEventListener('pointerup', stop);
    this.plot.addEventListener('pointercancel', stop);
  }

  /** What the curves say where the pointer is. */
  #hover(event) {
    const time = this.#time(event);
    const share = this.#share(time);
    const values = this.curves.filter(({ id }) => !this.hidden.has(id))
      .map((curve) => ({ ...curve, value: valueAt(curve, time) }))
      .filter(({ value }) => value !== null);
    this.cross.hidden = false;
    this.cross.style.left = `${share * 100}%`;
    this.readout.hidden = values.length === 0;
    this.readout.classList.toggle('onLeft', share > 0.6);
    this.readout.style.left = `${share * 100}%`;
    fill(this.readout, el('strong', { textContent: formatInstant(time) }),
      values.map(({ id, name, value }) => el('div', {},
        el(`span.dash.k-${id}`), `${name} ${formatBytes(value)}`)));
  }

  #leave() {
    this.cross.hidden = true;
    this.readout.hidden = true;
  }
}

function formatTick(time, span) {
  if (span >= 600e9) return `${Math.round(time / 60e9)} min`;
  const digits = span >= 10e9 ? 0 : span >= 1e9 ? 1 : 3;
  return `${(time / 1e9).toFixed(digits)} s`;
}
