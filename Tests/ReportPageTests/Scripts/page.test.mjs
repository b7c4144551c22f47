// SPDX-License-Identifier: Apache-2.0
//
// The page's modules without a page: numbers, columns, what sites hold in a range, the tree of the
// graph, curves.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { column } from '../../../Sources/ReportPage/Resources/columns.mjs';
import { nearestBoundary, pathOf, scaleFor, ticksFor, valueAt } from '../../../Sources/ReportPage/Resources/curves.mjs';
import { Forest } from '../../../Sources/ReportPage/Resources/forest.mjs';
import { formatBytes, formatCount, formatDuration, formatInstant, formatShare } from '../../../Sources/ReportPage/Resources/format.mjs';
import { shortName } from '../../../Sources/ReportPage/Resources/graph.mjs';
import { METRICS, Model, sum, textTest } from '../../../Sources/ReportPage/Resources/model.mjs';
import { encode, historyData, pageData } from './sample.mjs';

const all = Array.from;

test('numbers are worded as in the text report', () => {
  assert.equal(formatCount(1234567), '1,234,567');
  assert.equal(formatBytes(0), '0 B');
  assert.equal(formatBytes(1023), '1,023 B');
  assert.equal(formatBytes(1024 * 1024 - 1), '1.0 MiB');
  assert.equal(formatBytes(13001728), '12.4 MiB');
  assert.equal(formatBytes(-2048), '−2.0 KiB');
  assert.equal(formatInstant(1_204_000_000), '1.204 s');
  assert.equal(formatDuration(820_000_000), '820 ms');
  assert.equal(formatDuration(200e9), '3 min 20 s');
  assert.equal(formatShare(1, 1), '100 %');
  assert.equal(formatShare(9999999, 10000000), '99.9 %');
  assert.equal(formatShare(1, 10000000), '<0.1 %');
  assert.equal(formatShare(0, 0), '0 %');
});

test('a column holds every number that JavaScript does', () => {
  const numbers = [0, 1, 127, 128, 16383, 16384, 2 ** 31, 2 ** 32, 2 ** 40 + 7, Number.MAX_SAFE_INTEGER];
  assert.deepEqual(all(column(encode(numbers), numbers.length)), numbers);
});

const SITES = [
  { stack: ['malloc@1', 'leak', 'napi@3', 'work.js', 'node@3', 'main@0'], bytes: 600, count: 6, total: 900, allocations: 9 },
  { stack: ['malloc@1', 'leak', 'napi@3', 'idle.js', 'node@3', 'main@0'], bytes: 300, count: 3, total: 300, allocations: 3 },
  { stack: ['strdup@2', 'start', 'main@0'], bytes: 100, count: 1, total: 100, allocations: 1 },
  { stack: ['node@3', 'main@0'], bytes: 50, count: 1, total: 70, allocations: 2 },
];

function outline(forest, branch = forest.root) {
  return forest.branches(branch).map((next) => {
    const below = outline(forest, next);
    return [forest.name(next), next.value, ...(below.length > 0 ? [below] : [])];
  });
}

function forestOf(options, sites = SITES) {
  const model = new Model(pageData(sites));
  return new Forest(model, model.values(model.whole, METRICS[0], true), options);
}

test('callers stand above callees, the largest first', () => {
  assert.deepEqual(outline(forestOf({ isInverted: false, folds: false })), [
    ['main', 1050, [
      ['node', 950, [
        ['work.js', 600, [['napi', 600, [['leak', 600, [['malloc', 600]]]]]]],
        ['idle.js', 300, [['napi', 300, [['leak', 300, [['malloc', 300]]]]]]],
      ]],
      ['start', 100, [['strdup', 100]]],
    ]],
  ]);
});

test('runtime frames are summed up, and the allocator goes without saying', () => {
  assert.deepEqual(outline(forestOf({ isInverted: false, folds: true })), [
    ['… start-up and node', 1050, [
      ['work.js', 600, [['… node', 600, [['leak', 600]]]]],
      ['idle.js', 300, [['… node', 300, [['leak', 300]]]]],
      ['start', 100, [['… libc', 100]]],
    ]],
  ]);
});

test('turned around, one function is one box whoever calls it', () => {
  assert.deepEqual(outline(forestOf({ isInverted: true, folds: true })), [
    ['leak', 900, [['… node', 900, [['work.js', 600], ['idle.js', 300]]]]],
    ['start', 100],
    ['… node and start-up', 50],
  ]);
});

test('every layout is as wide as what it stands for', () => {
  for (const isInverted of [false, true]) {
    for (const folds of [false, true]) {
      const forest = forestOf({ isInverted, folds });
      const { boxes, hiddenCount } = forest.layout(forest.root, 0.001);
      assert.equal(hiddenCount, 0);
      assert.equal(forest.root.value, 1050);
      for (const { branch, left, width } of boxes) {
        assert.ok(left >= 0 && left + width <= 1 + 1e-9);
        assert.ok(Math.abs(width - branch.value / 1050) < 1e-9);
      }
      const top = boxes.filter(({ branch }) => branch.depth === 1);
      assert.ok(Math.abs(sum(top.map(({ width }) => width)) - 1) < 1e-9);
      // Each begins where the one before it ends.
      for (const { branch } of boxes) {
        const below = boxes.filter((box) => box.branch.parent === branch);
        below.slice(1).forEach(({ left }, index) => {
          assert.ok(Math.abs(left - below[index].left - below[index].width) < 1e-9);
        });
      }
    }
  }
});

test('what is narrower than asked for is not drawn but counted', () => {
  const forest = forestOf({ isInverted: false, folds: false });
  const { boxes, hiddenCount } = forest.layout(forest.root, 0.2);
  assert.ok(!boxes.some(({ branch }) => forest.name(branch) === 'start'));
  assert.equal(hiddenCount, 1);
});

test('a zoomed branch fills the width, its callers too', () => {
  const forest = forestOf({ isInverted: false, folds: false });
  const idle = forest.branches(forest.branches(forest.branches(forest.root)[0])[0])[1];
  const { boxes } = forest.layout(idle, 0.001);
  assert.deepEqual(boxes.slice(0, 4).map(({ branch, left, width }) => [forest.name(branch), left, width]),
    [['all', 0, 1], ['main', 0, 1], ['node', 0, 1], ['idle.js', 0, 1]]);
});

test('the sites of a branch are those whose stacks go through it', () => {
  const forest = forestOf({ isInverted: false, folds: false });
  const node = forest.branches(forest.branches(forest.root)[0])[0];
  assert.deepEqual(forest.sites(node), [0, 1, 3]);
  const inverted = forestOf({ isInverted: true, folds: true });
  assert.deepEqual(inverted.sites(inverted.branches(inverted.root)[0]), [0, 1]);
});

test('a search finds the sites through a frame that matches', () => {
  const model = new Model(pageData(SITES));
  const through = model.trie.through(model.frames.matching(textTest('LEAK|strd')));
  assert.deepEqual(all(model.siteNodes, (node) => through[node]), [1, 1, 1, 0]);
  assert.equal(textTest('a[b')('xa[by'), true);
});

test('the frame that answers for a site is the program’s own innermost', () => {
  const model = new Model(pageData(SITES));
  assert.deepEqual(all(model.siteNodes, (node) => model.frames.name(model.responsibleFrame(node))),
    ['leak', 'leak', 'start', 'node']);
});

// Site 0 allocates 100 in each of four intervals and frees each an interval later, but for the
// third; site 1 allocates once and frees at the end.
const HISTORY = historyData([10, 20, 30, 40], [
  { site: 0, instant: 0, total: 150, allocations: 2, temporary: 1, changes: [[0, 100, 1], [1, 0, 0]] },
  { site: 0, instant: 1, total: 100, allocations: 1, changes: [[1, 100, 1], [2, 0, 0]] },
  { site: 0, instant: 2, total: 100, allocations: 1, changes: [[2, 100, 1]] },
  { site: 0, instant: 3, total: 100, allocations: 1, changes: [[3, 100, 1]] },
  { site: 1, instant: 1, total: 500, allocations: 5, changes: [[1, 500, 5], [3, 0, 0]] },
]);
const TIMED = [
  { stack: ['a', 'main@0'], bytes: 200, count: 2, total: 450, allocations: 5, temporary: 1 },
  { stack: ['b', 'main@0'], bytes: 0, count: 0, total: 500, allocations: 5 },
];

test('a range counts what was allocated in it and is there at its end', () => {
  const model = new Model(pageData(TIMED, { history: HISTORY, duration: 40 }));
  const amounts = (from, to) => model.amounts({ from, to });
  assert.deepEqual(all(amounts(-1, 3).outstandingBytes), [200, 0, 0]);
  assert.deepEqual(all(amounts(-1, 1).outstandingBytes), [100, 500, 0]);
  assert.deepEqual(all(amounts(0, 2).outstandingBytes), [100, 500, 0]);
  assert.deepEqual(all(amounts(0, 2).outstandingCount), [1, 5, 0]);
  assert.deepEqual(all(amounts(1, 3).outstandingBytes), [200, 0, 0]);
  assert.deepEqual(all(amounts(0, 2).allocatedBytes), [200, 500, 0]);
  assert.deepEqual(all(amounts(-1, 0).allocatedBytes), [150, 0, 0]);
  assert.deepEqual(all(amounts(-1, 0).temporaryCount), [1, 0, 0]);
});

test('a range is named by what lies behind its beginning, up to its end', () => {
  const model = new Model(pageData(TIMED, { history: HISTORY, duration: 40 }));
  assert.deepEqual(model.times({ from: 0, to: 2 }), { from: 11, to: 30 });
  assert.deepEqual(model.times(model.whole), { from: 0, to: 40 });
});

test('the whole range is the report itself', () => {
  const model = new Model(pageData(TIMED, { history: HISTORY, duration: 40 }));
  const whole = model.amounts(model.whole);
  const pieces = new Model(pageData(TIMED, { history: HISTORY, duration: 40 })).history.amounts(model.whole);
  for (const name of ['outstandingBytes', 'outstandingCount', 'allocatedBytes', 'allocationCount', 'temporaryCount']) {
    assert.deepEqual(all(whole[name]), all(pieces[name]), name);
  }
});

test('growth is what is held at the end beyond what was held at the beginning', () => {
  const model = new Model(pageData(TIMED, { history: HISTORY, duration: 40 }));
  assert.deepEqual(all(model.amounts({ from: 0, to: 2 }).growthBytes), [0, 500, 0]);
  assert.deepEqual(all(model.amounts({ from: 1, to: 3 }).growthBytes), [100, -500, 0]);
});

test('the peak of a range is its highest instant', () => {
  const model = new Model(pageData(TIMED, { history: HISTORY, duration: 40 }));
  const { peakBytes, highest } = model.history.amounts(model.whole);
  assert.equal(highest, 1);
  assert.deepEqual(all(peakBytes), [100, 500, 0]);
});

test('a report of a part begins at its first instant', () => {
  const history = historyData([10, 20], [
    { site: 0, instant: 1, total: 7, allocations: 1, changes: [[1, 7, 1]] },
  ], { beginsAtFirst: true });
  const data = pageData([{ stack: ['a'], bytes: 7, count: 1 }], { history });
  data.trace = { from: 10, to: 20 };
  const model = new Model(data);
  assert.deepEqual(model.whole, { from: 0, to: 1 });
  assert.deepEqual(model.times(model.whole), { from: 10, to: 20 });
});

test('curves are scaled to round numbers', () => {
  assert.deepEqual(scaleFor(90 * 2 ** 20), { top: 100 * 2 ** 20, steps: 5 });
  assert.deepEqual(scaleFor(0), { top: 1, steps: 1 });
  assert.deepEqual(ticksFor(0, 10), [0, 2, 4, 6, 8, 10]);
  assert.equal(pathOf({ times: [0, 10], values: [0, 50], isArea: false }, 0, 10, 100),
    'M0.00 100.00L1000.00 50.00');
  assert.equal(valueAt({ times: [5, 9], values: [1, 2] }, 8), 1);
  assert.equal(valueAt({ times: [5, 9], values: [1, 2] }, 4), null);
  assert.equal(valueAt({ times: [5, 9], values: [1, 2] }, 9), 2);
});

test('a brush snaps to the nearest instant', () => {
  assert.equal(nearestBoundary([10, 20, 30], 0, 4), -1);
  assert.equal(nearestBoundary([10, 20, 30], 0, 16), 1);
  assert.equal(nearestBoundary([10, 20, 30], 0, 99), 2);
});

test('a short name keeps the words outside of brackets', () => {
  assert.equal(shortName('std::vector<int, std::allocator<int>>::push_back(int&&)'), 'std::vector::push_back');
  assert.equal(shortName('v8impl::(anonymous namespace)::Wrapper::Call(int)'), 'v8impl::(anonymous namespace)::Wrapper::Call');
  assert.equal(shortName('operator new(unsigned long)'), 'operator new');
  assert.equal(shortName('(no stack recorded)'), '(no stack recorded)');
});
