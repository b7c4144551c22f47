// SPDX-License-Identifier: Apache-2.0
//
// Draws the graph: a tree of boxes as wide as what they stand for. Boxes are elements placed in
// percent, so that they follow the window, the zoom of the browser and the paper by themselves.
import { baseName, formatNoun, formatShare } from './format.mjs';
import { byId, el, fill } from './dom.mjs';

/** Narrower boxes, as a share of the whole width, are not drawn. */
const LEAST_SHARE = 0.0012;
/** Narrower ones have no room for their name. */
const LEAST_NAMED_SHARE = 0.025;

const HELP = 'Arrow down: into the largest branch; up: back; left and right: siblings; '
  + 'Enter: zoom; Escape: zoom out; Home: the top.';

/** The graph and the keys that move in it. */
export class Graph {
  /** @param {object} actions `select(branch)`, `zoom(branch)`, `format(value)` */
  constructor(model, palette, actions) {
    this.model = model;
    this.palette = palette;
    this.actions = actions;
    this.matches = null;
    this.emphasized = null;
    this.selectedKeys = [];
    this.crumbs = el('p.crumbs');
    this.tree = el('div.flame', {
      role: 'tree', 'aria-label': 'Stacks laid over each other',
      'aria-describedby': 'graph-help',
      onkeydown: (event) => this.#key(event), onclick: (event) => this.#click(event),
    });
    this.tree.addEventListener('focusin', (event) => this.#focus(event));
    this.scroller = el('div.flame-scroller', {}, this.tree);
    this.legend = el('div.legend', { role: 'group', 'aria-label': 'Colors' });
    this.note = el('p.faint.note');
    fill(byId('graph-view'), this.crumbs, this.scroller, this.legend, this.note,
      el('p.faint.note', { id: 'graph-help', textContent: HELP }));
  }

  /** Draws a forest, zoomed into one of its branches. */
  draw(forest, zoomed) {
    this.forest = forest;
    this.zoomed = zoomed;
    const { boxes, hiddenCount } = forest.layout(zoomed, LEAST_SHARE);
    this.boxes = new Map();
    const selected = forest.find(this.selectedKeys);
    let current = null;
    const elements = boxes.map(({ branch, left, width }) => {
      const box = this.#box(branch, left, width);
      this.boxes.set(branch, box);
      if (branch === selected) current = box;
      return box;
    });
    // The selected branch may be outside of what is zoomed into.
    current ??= this.boxes.get(zoomed);
    this.#rove(current);
    fill(this.tree, elements);
    const depth = boxes.reduce((most, { branch }) => Math.max(most, branch.depth), 0);
    this.tree.style.setProperty('--rows', String(depth + 1));
    this.#drawCrumbs();
    this.#drawLegend(boxes);
    this.note.textContent = hiddenCount > 0
      ? `${formatNoun(hiddenCount, 'branch', 'branches')} too narrow to draw: zoom in to see them.`
      : '';
  }

  /** Boxes of these frames are found; null: none are looked for. */
  mark(matches) {
    this.matches = matches;
  }

  /** Moves the keyboard to a branch. */
  focus(branch) {
    const box = this.boxes.get(branch);
    if (box) box.focus();
  }

  #box(branch, left, width) {
    const { frames } = this.model;
    const { forest } = this;
    const name = forest.name(branch);
    const amount = this.actions.format(branch.value);
    const share = formatShare(branch.value, forest.root.value);
    const isScript = branch.frame > 2 && frames.isScript(branch.frame);
    const place = branch.frame > 2 ? frames.place(branch.frame) : '';
    const label = `${name}, ${amount}, ${share}${place ? `, ${place}` : ''}`;
    const siblings = branch.parent ? forest.branches(branch.parent) : [branch];
    const box = el(`div.box.${branch.parent ? this.palette.className(branch.frame) : 'c-root'}`, {
      role: 'treeitem', tabIndex: -1, title: `${name}\n${amount} (${share})\n${place}`,
      'aria-label': isScript ? `${label}, JavaScript` : label,
      'aria-level': branch.depth + 1,
      'aria-posinset': siblings.indexOf(branch) + 1, 'aria-setsize': siblings.length,
      'aria-selected': 'false',
    });
    if (forest.branches(branch).length > 0) box.setAttribute('aria-expanded', 'true');
    box.style.left = `${left * 100}%`;
    box.style.width = `${width * 100}%`;
    box.style.setProperty('--row', String(branch.depth));
    if (isScript) box.classList.add('script');
    if (branch.depth < this.zoomed.depth) box.classList.add('above');
    if (this.matches) {
      const isMatch = branch.frame >= 0 && this.matches[branch.frame] === 1;
      box.classList.add(isMatch ? 'match' : 'other');
    }
    if (this.emphasized && branch.parent
      && (branch.frame < 0 || this.palette.label(branch.frame) !== this.emphasized)) {
      box.classList.add('other');
    }
    if (width >= LEAST_NAMED_SHARE) {
      box.append(el('span.label', {},
        isScript ? el('span.badge', { textContent: 'JS' }) : null,
        el('bdi', { textContent: branch.parent ? shortName(name) : `${name}: ${amount}` }),
        branch.parent && width > 0.12 ? el('span.amount', { textContent: ` ${amount}` }) : null));
    }
    box.branch = branch;
    return box;
  }

  #drawCrumbs() {
    const { path } = this.zoomed;
    this.crumbs.hidden = path.length < 2;
    const steps = path.map((branch, index) => index + 1 < path.length
      ? el('button.quiet', {
        type: 'button', textContent: index === 0 ? 'All' : shortName(this.forest.name(branch)),
        onclick: () => this.actions.zoom(branch),
      })
      : el('strong', { textContent: shortName(this.forest.name(branch)) }));
    const tail = steps.length > 6 ? [steps[0], el('span', { textContent: '…' }), ...steps.slice(-4)]
      : steps;
    fill(this.crumbs, el('span.faint', { textContent: 'Zoomed: ' }),
      tail.flatMap((step, index) => index > 0 ? [el('span.faint', { textContent: ' › ' }), step] : [step]));
  }

  /** What the colors mean, and how much of the width each has where it is innermost drawn. */
  #drawLegend(boxes) {
    const sums = new Map();
    for (const { branch, width } of boxes) {
      if (branch.frame < 3 || branch.depth < this.zoomed.depth) continue;
      const label = this.palette.label(branch.frame);
      const entry = sums.get(label) ?? { width: 0, className: this.palette.className(branch.frame) };
      entry.width += width;
      sums.set(label, entry);
    }
    const entries = [...sums].sort((left, right) => right[1].width - left[1].width).slice(0, 10);
    fill(this.legend, entries.map(([label, { className }]) => el('button.quiet.key', {
      type: 'button', 'aria-pressed': String(this.emphasized === label),
      title: 'Show only this color',
      onclick: () => {
        this.emphasized = this.emphasized === label ? null : label;
        this.actions.redraw();
      },
    }, el(`span.swatch.${className}`, { 'aria-hidden': 'true' }), label)));
  }

  /** Makes one box the one that Tab reaches. */
  #rove(box) {
    if (this.current) this.current.tabIndex = -1;
    if (this.current) this.current.setAttribute('aria-selected', 'false');
    this.current = box;
    if (!box) return;
    box.tabIndex = 0;
    box.setAttribute('aria-selected', 'true');
  }

  #focus(event) {
    const box = event.target.closest('.box');
    if (!box || box === this.current) return;
    this.#rove(box);
    this.selectedKeys = keysOf(box.branch);
    this.actions.select(box.branch);
  }

  #click(event) {
    const box = event.target.closest('.box');
    if (!box) return;
    const { branch } = box;
    this.selectedKeys = keysOf(branch);
    // A second click goes back, so that nobody gets lost.
    this.actions.zoom(branch === this.zoomed ? branch.parent ?? branch : branch);
    this.focus(branch);
    this.actions.select(branch);
  }

  #key(event) {
    const { branch } = this.current ?? {};
    if (!branch || event.ctrlKey || event.metaKey || event.altKey) return;
    let next = null;
    switch (event.key) {
      case 'ArrowDown': next = this.forest.branches(branch)[0]; break;
      case 'ArrowUp': next = branch.parent; break;
      case 'ArrowRight': next = this.#sibling(branch, 1); break;
      case 'ArrowLeft': next = this.#sibling(branch, -1); break;
      case 'Home': next = this.forest.root; break;
      case 'End': next = this.#deepest(branch); break;
      case 'Enter': case ' ': this.actions.zoom(branch); this.focus(branch); break;
      case 'Escape': case 'Backspace':
        this.actions.zoom(this.zoomed.parent ?? this.zoomed);
        this.focus(branch);
        break;
      default: return;
    }
    event.preventDefault();
    if (!next) return;
    this.selectedKeys = keysOf(next);
    // What is too narrow to be drawn is zoomed to.
    if (!this.boxes.has(next)) this.actions.zoom(next.parent ?? next);
    if (!this.boxes.has(next)) this.actions.zoom(next);
    // Selects it, too.
    this.focus(next);
  }

  #sibling(branch, step) {
    if (!branch.parent) return null;
    const siblings = this.forest.branches(branch.parent);
    return siblings[siblings.indexOf(branch) + step];
  }

  #deepest(branch) {
    let at = branch;
    while (this.forest.branches(at).length > 0) [at] = this.forest.branches(at);
    return at;
  }
}

export function keysOf(branch) {
  return branch.path.slice(1).map((step) => step.key);
}

/** A name without its parameters and template arguments, which would push out what tells most. */
export function shortName(name) {
  if (name.startsWith('…') || name.startsWith('(')) return name;
  let depth = 0;
  let short = '';
  for (const letter of name.slice(0, 2000)) {
    if (letter === '<' && short !== '' && !short.endsWith('operator')) depth += 1;
    else if (letter === '>' && depth > 0) depth -= 1;
    else if (letter === '(' && depth === 0 && short !== '' && !short.endsWith('::')) break;
    else if (depth === 0) short += letter;
  }
  return short.trim() || baseName(name);
}
