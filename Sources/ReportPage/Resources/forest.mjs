// SPDX-License-Identifier: Apache-2.0
//
// The graph as a tree of functions: callers above callees, or the other way round, runtime frames
// summed up. Branches are made when they are looked at; what is too narrow to see never is.
import { PLUMBING } from './model.mjs';

const FOLD = 'fold';

/** A node of the graph. */
class Branch {
  constructor(parent, frame) {
    this.parent = parent;
    this.depth = parent ? parent.depth + 1 : 0;
    /** A frame of the function; -1 for the root, and for frames summed up. */
    this.frame = frame;
    this.value = 0;
    /** What it is made of: nodes of the trie, with their values where callees come first. */
    this.items = [];
    /** Of frames summed up: how many at most, and which parts they are of. */
    this.fold = null;
    this.branches = null;
  }

  /** The way from the root, itself included. */
  get path() {
    const path = [];
    for (let at = this; at; at = at.parent) path.unshift(at);
    return path;
  }

  /** What tells it from its siblings, also after the range has changed. */
  get key() {
    return this.fold ? FOLD : this.frame;
  }
}

/** All stacks laid over each other. */
export class Forest {
  /**
   * @param {Model} model
   * @param {Float64Array} values by site; those of no site that the page lists come last.
   * @param {{isInverted: boolean, folds: boolean}} options
   */
  constructor(model, values, { isInverted, folds }) {
    this.model = model;
    this.folds = folds;
    this.isInverted = isInverted;
    this.root = new Branch(null, -1);
    const { siteNodes, trie } = model;
    if (isInverted) {
      for (let site = 0; site < siteNodes.length; site++) {
        if (values[site] > 0) this.root.items.push({ node: siteNodes[site], value: values[site], site });
      }
      this.root.value = this.root.items.reduce((sum, item) => sum + item.value, 0);
    } else {
      this.sums = trie.sums(siteNodes, values);
      this.root.items = [0];
      this.root.value = this.sums[0];
    }
    const rest = Math.max(0, values[model.siteCount] ?? 0);
    if (rest > 0) {
      this.rest = new Branch(this.root, 2);
      this.rest.value = rest;
      this.rest.branches = [];
      this.root.value += rest;
    }
  }

  /** The branches of a node, the largest first. */
  branches(branch) {
    branch.branches ??= this.isInverted ? this.#callers(branch) : this.#callees(branch);
    return branch.branches;
  }

  #sorted(branch, groups) {
    const branches = [...groups.values()];
    if (branch === this.root && this.rest) branches.push(this.rest);
    return branches.sort((left, right) => right.value - left.value || left.frame - right.frame);
  }

  #group(groups, branch, frame) {
    const key = this.model.frames.identities[frame];
    let group = groups.get(key);
    if (!group) groups.set(key, (group = new Branch(branch, frame)));
    return group;
  }

  #foldGroup(groups, branch) {
    let group = groups.get(FOLD);
    if (!group) {
      groups.set(FOLD, (group = new Branch(branch, -1)));
      group.fold = { count: 0, parts: new Map() };
    }
    return group;
  }

  #callees(branch) {
    const { trie, frames } = this.model;
    const groups = new Map();
    const add = (node) => {
      const frame = trie.frames[node];
      if (this.folds && frames.isPlumbing(frame)) {
        const group = this.#foldGroup(groups, branch);
        group.value += this.sums[node];
        this.#absorb(group, node);
      } else {
        const group = this.#group(groups, branch, frame);
        group.value += this.sums[node];
        group.items.push(node);
      }
    };
    if (branch.fold) {
      // Its items are the calls that lead out of it.
      branch.items.forEach(add);
      return this.#sorted(branch, groups);
    }
    for (const item of branch.items) {
      for (let node = trie.firstChild[item]; node > 0; node = trie.nextSibling[node]) {
        if (this.sums[node] > 0) add(node);
      }
    }
    const fold = groups.get(FOLD);
    if (fold && branch.parent && fold.items.length === 0 && onlyAllocator(fold, frames)) {
      // Below an allocation lies its allocator: that goes without saying.
      groups.delete(FOLD);
    }
    return this.#sorted(branch, groups);
  }

  /** Follows runtime frames down from a node; what they call besides becomes items of the group. */
  #absorb(group, start) {
    const { trie, frames } = this.model;
    const stack = [[start, 1]];
    while (stack.length > 0) {
      const [node, length] = stack.pop();
      const part = frames.part(trie.frames[node]) - PLUMBING;
      group.fold.parts.set(part, (group.fold.parts.get(part) ?? 0) + this.sums[node]);
      group.fold.count = Math.max(group.fold.count, length);
      for (let child = trie.firstChild[node]; child > 0; child = trie.nextSibling[child]) {
        if (!(this.sums[child] > 0)) continue;
        if (frames.isPlumbing(trie.frames[child])) stack.push([child, length + 1]);
        else group.items.push(child);
      }
    }
  }

  #callers(branch) {
    const { trie, frames } = this.model;
    const groups = new Map();
    const isFirst = branch === this.root;
    for (const item of branch.items) {
      // Of a fold and of the root the items are what comes next, else what has been shown.
      let node = isFirst || branch.fold ? item.node : trie.parents[item.node];
      if (node === 0) continue;
      if (this.folds && frames.isPlumbing(trie.frames[node])) {
        const start = node;
        let count = 0;
        while (node > 0 && frames.isPlumbing(trie.frames[node])) {
          node = trie.parents[node];
          count += 1;
        }
        // What leads to an allocation, and what called main, goes without saying.
        if (node > 0 ? !isFirst : isFirst) {
          this.#passOver(this.#foldGroup(groups, branch), start, node, count, item);
          continue;
        }
        if (node === 0) continue;
      }
      const group = this.#group(groups, branch, trie.frames[node]);
      group.value += item.value;
      group.items.push({ node, value: item.value, site: item.site });
    }
    return this.#sorted(branch, groups);
  }

  #passOver(group, start, end, count, { value, site }) {
    const { trie, frames } = this.model;
    group.value += value;
    group.fold.count = Math.max(group.fold.count, count);
    for (let node = start; node !== end; node = trie.parents[node]) {
      const part = frames.part(trie.frames[node]) - PLUMBING;
      group.fold.parts.set(part, (group.fold.parts.get(part) ?? 0) + value);
    }
    if (end > 0) group.items.push({ node: end, value, site });
  }

  /** The branch at the end of a path of keys, or the last one on it that is there. */
  find(keys) {
    let branch = this.root;
    for (const key of keys) {
      const next = this.branches(branch).find((candidate) => candidate.key === key);
      if (!next) break;
      branch = next;
    }
    return branch;
  }

  /** The sites whose stacks go through a branch. */
  sites(branch) {
    const { siteNodes, trie } = this.model;
    if (branch === this.root) return Array.from(siteNodes.keys());
    if (branch === this.rest) return [];
    if (this.isInverted) return branch.items.map((item) => item.site);
    const isIn = new Uint8Array(trie.count);
    for (const node of branch.items) isIn[node] = 1;
    for (let node = 1; node < trie.count; node++) isIn[node] |= isIn[trie.parents[node]];
    return Array.from(siteNodes.keys()).filter((site) => isIn[siteNodes[site]]);
  }

  /** In words: the name of a branch. */
  name(branch) {
    if (branch.fold) {
      const parts = [...branch.fold.parts].sort((left, right) => right[1] - left[1]);
      const names = parts.slice(0, 2).map(([part]) => this.model.frames.partNames[part]);
      const words = names.join(parts.length > 2 ? ', ' : ' and ');
      return `… ${words}${parts.length > 2 ? ' and others' : ''}`;
    }
    return branch.frame < 0 ? 'all' : this.model.frames.name(branch.frame);
  }

  /**
   * What is to be drawn with `zoomed` across the whole width: from the root to it, and below it
   * what is no narrower than `least` of it. Left and width are shares.
   */
  layout(zoomed, least) {
    const boxes = zoomed.path.map((branch) => ({ branch, left: 0, width: 1 }));
    let hiddenCount = 0;
    const place = (branch, left) => {
      let at = left;
      for (const next of this.branches(branch)) {
        const width = next.value / zoomed.value;
        if (width < least) {
          hiddenCount += 1;
        } else {
          boxes.push({ branch: next, left: at, width });
          place(next, at);
        }
        at += width;
      }
    };
    if (zoomed.value > 0) place(zoomed, 0);
    return { boxes, hiddenCount };
  }
}

function onlyAllocator(fold, frames) {
  return [...fold.fold.parts.keys()].every((part) => frames.partNames[part] === 'the allocator');
}
