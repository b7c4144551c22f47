// SPDX-License-Identifier: Apache-2.0
//
// Puts the page together: one state (range, metric, direction, search, selection), and what is
// drawn anew when some of it changes.
import { formatBytes, formatCount, formatExactBytes, formatInstant, formatNoun, formatShare } from './format.mjs';
import { METRICS, Model, textTest } from './model.mjs';
import { Forest } from './forest.mjs';
import { Palette } from './palette.mjs';
import { byId, choice, el, fill, tickBox } from './dom.mjs';
import { StackPanel } from './stack.mjs';
import { Graph, keysOf, shortName } from './graph.mjs';
import { SiteTable } from './table.mjs';
import { Chart } from './chart.mjs';
import { RangeLine } from './range.mjs';
import { writeHead, writeJudgement, writeLarge, writeMappings, writeVerdict } from './sections.mjs';

class Page {
  constructor(data) {
    this.data = data;
    this.model = new Model(data);
    this.palette = new Palette(this.model.frames);
    this.state = {
      range: this.model.whole, metric: METRICS[0], isInBytes: true, isInverted: false, folds: true,
      search: '', filter: '', through: null, zoom: [],
      /** `{site}` or `{keys}` of a branch of the graph. */
      selected: null,
    };
    this.#colorLargestFirst();
    this.stack = new StackPanel(this.model, this.palette);
    const show = (node, title, facts) => {
      this.state.selected = null;
      this.stack.show({ title, facts, node });
      byId('stack').focus();
    };
    writeHead(data);
    writeVerdict(data);
    writeJudgement(data, (text) => {
      this.search.value = text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
      this.search.oninput();
      this.search.focus();
    });
    writeLarge(this.model, show);
    writeMappings(this.model, show);
    this.graph = new Graph(this.model, this.palette, {
      format: (value) => this.#format(value),
      select: (branch) => this.#selectBranch(branch),
      zoom: (branch) => {
        this.state.zoom = keysOf(branch);
        this.graph.draw(this.forest, branch);
      },
      redraw: () => this.graph.draw(this.forest, this.forest.find(this.state.zoom)),
    });
    this.table = new SiteTable(this.model, this.palette, { select: (site) => this.#selectSite(site) });
    this.#buildControls();
    this.chart = new Chart(this.model, (range) => {
      this.state.range = range;
      this.#update();
    });
    this.rangeLine = new RangeLine(this.model, () => {
      this.state.range = this.model.whole;
      this.chart.show(this.model.whole);
      this.#update();
      this.chart.handles[0].focus();
    });
    addEventListener('keydown', (event) => this.#shortcut(event));
    this.#update();
    if (this.table.rows.length > 0) this.#selectSite(this.table.rows[0]);
  }

  /** Images get their colors in the order in which they hold most, whatever is drawn first. */
  #colorLargestFirst() {
    const { model } = this;
    const values = model.amounts(model.whole).outstandingBytes;
    const order = Array.from({ length: Math.min(2000, model.siteCount) }, (_, site) => site)
      .sort((left, right) => values[right] - values[left]);
    for (const site of order) {
      const frame = model.responsibleFrame(model.siteNodes[site]);
      if (frame >= 0) this.palette.className(frame);
    }
  }

  // Controls

  #buildControls() {
    const { state } = this;
    const metrics = choice('What is drawn', METRICS, state.metric.id, (id) => {
      state.metric = METRICS.find((metric) => metric.id === id);
      metrics.select(id);
      this.#updateGraph();
    });
    const units = choice('Unit', [
      { id: 'bytes', name: 'Bytes' }, { id: 'blocks', name: 'Blocks' },
    ], 'bytes', (id) => {
      state.isInBytes = id === 'bytes';
      units.select(id);
      this.#updateGraph();
    });
    const directions = choice('Direction', [
      { id: 'down', name: 'Callers on top', about: 'from main to what allocated' },
      { id: 'up', name: 'Allocators on top', about: 'from what allocated to its callers' },
    ], 'down', (id) => {
      state.isInverted = id === 'up';
      state.zoom = [];
      directions.select(id);
      this.#updateGraph();
    });
    this.search = el('input', {
      type: 'search', name: 'search', placeholder: 'Search functions, files, images ( / )', spellcheck: false,
      'aria-label': 'Search the graph: text or regular expression',
      oninput: () => {
        state.search = this.search.value;
        this.#updateSearch();
        this.graph.draw(this.forest, this.forest.find(state.zoom));
      },
      onkeydown: (event) => {
        if (event.key === 'Enter') this.#focusMatch();
      },
    });
    this.found = el('span.found', { role: 'status' });
    fill(byId('graph-controls'), metrics, units, directions,
      tickBox('Fold runtime', state.folds, (isTicked) => {
        state.folds = isTicked;
        state.zoom = [];
        this.#updateGraph();
      }),
      el('div.search', {}, this.search, this.found));
    this.metricNote = el('p.faint.note');
    byId('graph-view').before(this.metricNote);

    this.filter = el('input', {
      type: 'search', name: 'filter', placeholder: 'Filter sites', spellcheck: false,
      'aria-label': 'Filter sites by function, file or image: text or regular expression',
      oninput: () => {
        state.filter = this.filter.value;
        this.#updateTable();
      },
    });
    this.through = el('span');
    fill(byId('sites-controls'), this.filter, this.through);
  }

  #shortcut(event) {
    const isTyping = event.target.matches?.('input, textarea, select');
    if (event.key === '/' && !isTyping && !event.ctrlKey && !event.metaKey && !event.altKey) {
      event.preventDefault();
      this.search.focus();
    }
  }

  #format(value) {
    const { metric, isInBytes } = this.state;
    return isInBytes && metric.bytes ? formatBytes(value) : formatNoun(value, 'block');
  }

  // What changes

  #update() {
    this.rangeLine.show(this.state.range);
    this.#updateGraph();
    this.#updateTable();
    this.#showSelection();
  }

  /** Shows what is selected again, with the amounts of the range as it is now. */
  #showSelection() {
    const { selected } = this.state;
    if (!selected) return;
    if (selected.site !== undefined) this.#selectSite(selected.site);
    else this.#selectBranch(this.forest.find(selected.keys));
  }

  #updateGraph() {
    const { range, metric, isInBytes, isInverted, folds, zoom } = this.state;
    const values = this.model.values(range, metric, isInBytes);
    this.forest = new Forest(this.model, values, { isInverted, folds });
    this.#updateSearch();
    this.metricNote.textContent = `${metric.name}: ${metric.about}${this.#metricRemark(metric, range)}.`;
    this.graph.draw(this.forest, this.forest.find(zoom));
  }

  #metricRemark(metric, range) {
    const { history } = this.model;
    if (metric.id === 'growing' && history && range.from === this.model.base) {
      const start = history.growthStart(range);
      if (start >= 0) return `, counted from ${formatInstant(this.model.instants[start])} on, a quarter of the way in`;
    }
    if (metric.id === 'peak' && !history) return ' (each site’s own, which need not have been at one time)';
    return '';
  }

  #updateSearch() {
    const { search } = this.state;
    if (!search) {
      this.graph.mark(null);
      this.found.textContent = '';
      return;
    }
    const { model } = this;
    const matches = model.frames.matching(textTest(search));
    this.graph.mark(matches);
    const through = model.trie.through(matches);
    const values = model.values(this.state.range, this.state.metric, this.state.isInBytes);
    let value = 0;
    let count = 0;
    for (let site = 0; site < model.siteCount; site++) {
      if (values[site] > 0 && through[model.siteNodes[site]]) {
        value += values[site];
        count += 1;
      }
    }
    this.found.textContent = count === 0 ? 'nothing found'
      : `${this.#format(value)} (${formatShare(value, this.forest.root.value)}) in ${formatNoun(count, 'site')}`;
  }

  /** Goes to the largest box that was found. */
  #focusMatch() {
    const { matches } = this.graph;
    if (!matches) return;
    const find = (branch) => {
      if (branch.frame >= 0 && matches[branch.frame]) return branch;
      for (const next of this.forest.branches(branch)) {
        const found = find(next);
        if (found) return found;
      }
      return null;
    };
    const found = find(this.forest.root);
    if (!found) return;
    this.state.zoom = keysOf(found);
    this.graph.draw(this.forest, found);
    this.graph.focus(found);
    this.#selectBranch(found);
  }

  #updateTable() {
    const { range, filter, through } = this.state;
    const { model } = this;
    let isIn = null;
    if (filter) isIn = model.trie.through(model.frames.matching(textTest(filter)));
    const wanted = (site) =>
      (!isIn || isIn[model.siteNodes[site]] === 1) && (!through || through.sites.has(site));
    fill(this.through, through ? el('button.quiet', {
      type: 'button', textContent: `Through ${through.name} ✕`, title: 'Show all sites again',
      onclick: () => {
        this.state.through = null;
        this.#updateTable();
        this.filter.focus();
      },
    }) : null);
    this.table.show(model.amounts(range), wanted, filter || through ? ' match' : '');
  }

  #selectBranch(branch) {
    const { model, forest } = this;
    this.state.selected = { keys: keysOf(branch) };
    const values = model.values(this.state.range, this.state.metric, this.state.isInBytes);
    const sites = forest.sites(branch);
    let largest = -1;
    for (const site of sites) {
      if (values[site] > 0 && (largest < 0 || values[site] > values[largest])) largest = site;
    }
    const name = forest.name(branch);
    const { frames } = model;
    const facts = [
      [this.state.metric.name, `${this.#format(branch.value)} (${formatShare(branch.value, forest.root.value)})`],
    ];
    if (branch.frame > 2) {
      facts.push(['At', frames.place(branch.frame)]);
      if (frames.image(branch.frame)) facts.push(['Image', frames.image(branch.frame)]);
    }
    const used = sites.filter((site) => values[site] > 0);
    this.stack.show({
      title: name, facts, node: largest < 0 ? null : model.siteNodes[largest],
      folds: this.state.folds,
      remark: used.length > 1
        ? `The largest of ${formatCount(used.length)} sites through it, ${this.#format(values[largest])}:` : '',
      actions: [el('button.quiet', {
        type: 'button', textContent: 'List its sites',
        onclick: () => {
          this.state.through = { name: shortName(name), sites: new Set(sites) };
          this.#updateTable();
          byId('sites').focus();
        },
      })],
    });
  }

  #selectSite(site) {
    const { model } = this;
    this.state.selected = { site };
    const amounts = model.amounts(this.state.range);
    const frame = model.responsibleFrame(model.siteNodes[site]);
    const functions = this.data.functionNames.filter((_, bit) => model.functionBits[site] >> bit & 1);
    this.stack.show({
      title: frame < 0 ? 'Site' : model.frames.name(frame),
      facts: [
        ['Outstanding', `${formatExactBytes(amounts.outstandingBytes[site])} in ${formatNoun(amounts.outstandingCount[site], 'block')}`],
        ['Allocated', `${formatExactBytes(amounts.allocatedBytes[site])} in ${formatNoun(amounts.allocationCount[site], 'block')}`],
        ['First, last', `${formatInstant(model.firsts[site] * 1000)}, ${formatInstant(model.lasts[site] * 1000)}`],
        ['By', functions.join(', ')],
      ],
      node: model.siteNodes[site], folds: this.state.folds,
    });
  }
}

const source = byId('data');
const page = new Page(JSON.parse(source.textContent));
source.remove();
document.documentElement.dataset.ready = 'true';
performance.mark('memtrace-ready');
// For the tests, which look at the state behind what is drawn.
globalThis.memtracePage = page;
