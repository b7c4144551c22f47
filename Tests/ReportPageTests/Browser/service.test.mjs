// SPDX-License-Identifier: Apache-2.0
//
// The page of a real node service in a real browser, beside what the command says of the same trace.
// PAGE, TRACE and MEMTRACE name them; ARTIFACTS is where pictures are kept.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Browser } from './browser.mjs';
import { assertNamed, assertQuiet, axeViolations, lowContrast, tabStops } from './checks.mjs';

const { PAGE, TRACE, MEMTRACE, ARTIFACTS } = process.env;
let browser;
let page;

before(async () => {
  browser = await Browser.start();
  page = await browser.open(PAGE);
});
after(() => browser.close());

/** The JSON report of the same trace. */
function report(...options) {
  return JSON.parse(execFileSync(MEMTRACE, ['report', TRACE, '--format', 'json', ...options], { maxBuffer: 2 ** 30 }));
}

function range() {
  return page.value('({ ...document.getElementById("range").dataset })');
}

async function assertRangeIsReported() {
  const shown = await range();
  const { summary } = report('--top', '1', '--from', `${shown.from}ns`, '--to', `${shown.to}ns`);
  assert.deepEqual(
    [shown.bytes, shown.count, shown.totalBytes, shown.totalCount].map(Number),
    [summary.outstandingBytes, summary.outstandingCount, summary.allocatedBytes, summary.allocationCount]);
  return shown;
}

async function box(selector) {
  return page.value(`(() => {
    const at = document.querySelector(${JSON.stringify(selector)}).getBoundingClientRect();
    return { x: at.x, y: at.y, width: at.width, height: at.height };
  })()`);
}

async function wholeAgain() {
  await page.value(`memtracePage.chart.show(memtracePage.model.whole);
    memtracePage.chart.choose(memtracePage.model.whole); window.scrollTo(0, 0)`);
}

test('the page loads without a complaint and asks for nothing', async () => {
  assert.equal(await page.value('document.documentElement.dataset.ready'), 'true');
  assertQuiet(page);
});

test('the whole range is what the report says', async () => {
  const { summary } = report('--top', '1');
  const shown = await range();
  assert.equal(Number(shown.bytes), summary.outstandingBytes);
  assert.equal(Number(shown.count), summary.outstandingCount);
  assert.equal(Number(shown.totalBytes), summary.allocatedBytes);
  assert.equal(Number(shown.totalCount), summary.allocationCount);
});

test('dragging across the curves changes the totals to what the report says of that time', async () => {
  const plot = await box('.plot');
  const y = plot.y + plot.height / 3;
  const whole = await range();
  await page.mouse('mousePressed', plot.x + plot.width * 0.3, y, { buttons: 1 });
  for (const share of [0.35, 0.5, 0.62]) {
    await page.mouse('mouseMoved', plot.x + plot.width * share, y, { buttons: 1 });
  }
  await page.mouse('mouseReleased', plot.x + plot.width * 0.62, y);
  await page.drawn();
  const shown = await assertRangeIsReported();
  assert.ok(Number(shown.from) > Number(whole.from) && Number(shown.to) < Number(whole.to));
  await page.screenshot(join(ARTIFACTS, 'brushed.png'));
  await wholeAgain();
});

test('the keyboard brushes as exactly', async () => {
  await page.value('document.querySelector(".handle.from").focus()');
  for (let count = 0; count < 7; count++) await page.key('ArrowRight');
  await page.key('PageUp');
  await page.drawn();
  await assertRangeIsReported();
  await page.value('document.querySelector(".handle.to").focus()');
  for (const key of ['PageDown', 'PageDown', 'ArrowLeft']) await page.key(key);
  await page.drawn();
  await assertRangeIsReported();
  await page.key('Home');
  await page.drawn();
  await assertRangeIsReported();
  await wholeAgain();
});

test('sites of a range hold what the report says they hold', async () => {
  await page.value('memtracePage.chart.choose({ from: 20, to: 60 })');
  const shown = await range();
  const { sites } = report('--from', `${shown.from}ns`, '--to', `${shown.to}ns`);
  for (const name of ['lose_block', 'digest']) {
    const through = sites.filter((site) => site.stack.some((frame) => frame.function === name));
    const [bytes, total] = await page.value(`(() => {
      const { model, state } = memtracePage;
      const through = model.trie.through(model.frames.matching((text) => text === ${JSON.stringify(name)}));
      const { outstandingBytes, allocatedBytes } = model.amounts(state.range);
      let sums = [0, 0];
      for (let site = 0; site < model.siteCount; site++) {
        if (!through[model.siteNodes[site]]) continue;
        sums[0] += outstandingBytes[site];
        sums[1] += allocatedBytes[site];
      }
      return sums;
    })()`);
    assert.equal(bytes, through.reduce((sum, site) => sum + site.outstandingBytes, 0), name);
    // The report lists only what still holds something; the page all.
    assert.ok(total >= bytes, name);
  }
  await wholeAgain();
});

test('the stack shows amounts of the range', async () => {
  const site = await page.value(`(() => {
    const { model, table } = memtracePage;
    const site = [...model.siteNodes].findIndex((node) => model.frames.name(model.responsibleFrame(node)) === 'lose_block');
    table.actions.select(site);
    return site;
  })()`);
  const shown = () => page.value('document.querySelector("#stack-view dd").textContent');
  const held = () => page.value(`memtracePage.model.amounts(memtracePage.state.range).outstandingBytes[${site}]`);
  const digits = (text) => Number(text.split(' ')[0].replaceAll(',', ''));
  assert.equal(digits(await shown()), await held());
  const whole = await held();
  await page.value('memtracePage.chart.choose({ from: -1, to: Math.floor(memtracePage.model.whole.to * 0.8) })');
  assert.notEqual(await held(), whole);
  assert.equal(digits(await shown()), await held());
  await wholeAgain();
});

test('the graph zooms by mouse and comes back by keyboard', async () => {
  const tree = '[...document.querySelectorAll(".flame .box")]';
  const name = await page.value(`(() => {
    const box = ${tree}.find((box) => box.branch.depth > 1 && !box.branch.fold
      && box.getBoundingClientRect().width < 0.8 * box.parentElement.getBoundingClientRect().width
      && box.getBoundingClientRect().width > 30);
    box.scrollIntoView({ block: 'center' });
    box.id = 'zoomed-in-test';
    return memtracePage.forest.name(box.branch);
  })()`);
  const at = await box('#zoomed-in-test');
  await page.click(at.x + at.width / 2, at.y + at.height / 2);
  await page.drawn();
  const zoomed = `${tree}.find((box) => box.branch === memtracePage.graph.zoomed)`;
  assert.equal(await page.value(`memtracePage.forest.name(memtracePage.graph.zoomed)`), name);
  assert.equal(await page.value(`${zoomed}.style.width`), '100%');
  assert.equal(await page.value(`${zoomed} === document.activeElement`), true);
  assert.match(await page.value('document.querySelector(".crumbs").textContent'), /^Zoomed/);
  assert.match(await page.value('document.getElementById("stack-view").textContent'), /Copy the stack/);
  await page.screenshot(join(ARTIFACTS, 'zoomed.png'));
  for (let depth = 0; depth < 30; depth++) await page.key('Escape');
  assert.equal(await page.value('memtracePage.graph.zoomed.parent'), null);
});

test('search finds what the filter of the report finds', async () => {
  await page.value('window.scrollTo(0, 0); document.activeElement.blur()');
  await page.key('/');
  assert.equal(await page.value('document.activeElement === memtracePage.search'), true);
  await page.type('lose_block');
  await page.drawn();
  const { selection } = report('--filter', 'lose_block', '--top', '1');
  const [value, matches] = await page.value(`[
    memtracePage.found.textContent, document.querySelectorAll('.box.match').length]`);
  assert.ok(matches > 0);
  const bytes = await page.value(`(() => {
    const { model, graph } = memtracePage;
    const through = model.trie.through(graph.matches);
    const { outstandingBytes } = model.amounts(model.whole);
    return [...model.siteNodes].reduce((sum, node, site) => through[node] ? sum + outstandingBytes[site] : sum, 0);
  })()`);
  assert.equal(bytes, selection.matchingBytes);
  assert.match(value, /MiB \(\d/);
  await page.screenshot(join(ARTIFACTS, 'search.png'));
  await page.key('Enter');
  await page.drawn();
  assert.equal(await page.value('memtracePage.forest.name(document.activeElement.branch)'), 'lose_block');
  await page.value('memtracePage.search.value = ""; memtracePage.search.oninput(); memtracePage.graph.actions.zoom(memtracePage.forest.root)');
});

test('every metric, unit and direction draws', async () => {
  for (const metric of ['growing', 'peak', 'total', 'temporary', 'outstanding']) {
    for (const unit of ['blocks', 'bytes']) {
      for (const direction of ['up', 'down']) {
        const count = await page.value(`(() => {
          for (const id of ${JSON.stringify([metric, unit, direction])}) {
            document.querySelector('#graph-controls [data-id="' + id + '"]').click();
          }
          return document.querySelectorAll('.flame .box').length;
        })()`);
        assert.ok(count > 1, `${metric} ${unit} ${direction}`);
      }
    }
  }
  assertQuiet(page);
});

test('the table sorts and filters, and a row shows its stack', async () => {
  const column = (place) => page.value(`[...document.querySelectorAll('.rows .row')]
    .sort((a, b) => a.index - b.index).slice(0, 8).map((row) => row.children[${place}].title || row.children[${place}].textContent)`);
  const number = (text) => Number(text.replace(/[^\d]/g, ''));
  const outstanding = (await column(0)).map(number);
  assert.deepEqual(outstanding, [...outstanding].sort((a, b) => b - a));
  await page.value(`[...document.querySelectorAll('.head button')].find((b) => b.textContent === 'Blocks').click()`);
  const blocks = (await column(1)).map(number);
  assert.deepEqual(blocks, [...blocks].sort((a, b) => b - a));
  assert.equal(await page.value(`document.querySelectorAll('.head .cell')[1].getAttribute('aria-sort')`), 'descending');
  await page.value(`memtracePage.filter.focus()`);
  await page.type('addon');
  const count = await page.value('memtracePage.table.rows.length');
  assert.ok(count > 0 && count < await page.value('memtracePage.model.siteCount'));
  await page.value(`document.querySelector('.rows .row[tabindex="0"]').focus()`);
  await page.key('ArrowDown');
  assert.match(await page.value('document.getElementById("stack-view").textContent'), /lose/);
  assert.equal(await page.value('document.activeElement.getAttribute("aria-rowindex")'), '3');
  await page.key('End');
  assert.equal(await page.value('document.activeElement.getAttribute("aria-rowindex")'), String(count + 1));
  await page.value(`memtracePage.filter.value = ''; memtracePage.filter.oninput()`);
});

test('a stack shows lines of source', async () => {
  const text = await page.value(`(() => {
    const { model } = memtracePage;
    const site = [...model.siteNodes].findIndex((node) => model.frames.name(model.responsibleFrame(node)) === 'lose_block');
    memtracePage.table.actions.select(site);
    return document.querySelector('#stack-view .line.at').textContent;
  })()`);
  assert.match(text, /\d+ .*malloc/);
});

test('the keyboard alone reaches everything, and leaves again', async () => {
  const fresh = await browser.open(PAGE);
  const stops = await tabStops(fresh);
  await fresh.close();
  const has = (section, test) => assert.ok(stops.some((stop) => stop.section === section && test(stop)), `${section}: ${test}`);
  assert.equal(stops.filter(({ role }) => role === 'a').length, 4);
  has('time', ({ role }) => role === 'input');
  has('time', ({ name }) => name === 'Range begins');
  has('time', ({ name }) => name === 'Range ends');
  has('graph', ({ name }) => name === 'Growing');
  has('graph', ({ role }) => role === 'input');
  has('graph', ({ role }) => role === 'treeitem');
  has('sites', ({ role }) => role === 'row');
  has('sites', ({ name }) => name === 'Outstanding');
  has('stack', ({ name }) => name === 'Copy the stack');
  // One stop for all boxes, one for all rows.
  assert.equal(stops.filter(({ role }) => role === 'treeitem').length, 1);
  assert.equal(stops.filter(({ role }) => role === 'row').length, 1);
  assert.deepEqual(stops.filter(({ isVisible }) => !isVisible), []);
});

test('arrows walk through the graph', async () => {
  await page.value(`document.querySelector('.box[tabindex="0"]').focus()`);
  await page.key('Home');
  const level = () => page.value('Number(document.activeElement.getAttribute("aria-level"))');
  assert.equal(await level(), 1);
  await page.key('ArrowDown');
  await page.key('ArrowDown');
  assert.equal(await level(), 3);
  await page.key('ArrowUp');
  assert.equal(await level(), 2);
  await page.key('End');
  assert.ok(await level() > 3);
});

for (const scheme of ['light', 'dark']) {
  test(`it is accessible in ${scheme}`, async () => {
    const other = await browser.open(PAGE, { scheme, bypassesPolicy: true });
    await other.screenshot(join(ARTIFACTS, `${scheme}.png`), { isWhole: true });
    await assertNamed(other);
    assert.deepEqual(await lowContrast(other), []);
    assert.deepEqual((await axeViolations(other)) ?? [], []);
    await other.close();
  });
}

test('the button turns light into dark', async () => {
  const background = () => page.value('getComputedStyle(document.body.parentElement).backgroundColor');
  const light = await background();
  await page.value('document.getElementById("theme").click(); document.getElementById("theme").click()');
  assert.notEqual(await background(), light);
  assert.deepEqual(await lowContrast(page), []);
  await page.value('document.getElementById("theme").click()');
  assert.equal(await background(), light);
});

test('at 400 % nothing is cut off or has to be scrolled sideways', async () => {
  const narrow = await browser.open(PAGE, { width: 320, height: 256, scale: 4 });
  assert.ok(await narrow.value('document.documentElement.scrollWidth') <= 320);
  const beyond = await narrow.value(`[...document.querySelectorAll('main *')].filter((at) =>
    at.checkVisibility() && !at.closest('.plot, .times, .flame, .table, .simple-scroller, pre, .name, svg')
    && at.getBoundingClientRect().right > 321).map((at) => at.className || at.id || at.tagName)`);
  assert.deepEqual(beyond, []);
  await narrow.screenshot(join(ARTIFACTS, 'zoom-400.png'));
  await narrow.value('document.getElementById("graph").scrollIntoView()');
  await narrow.screenshot(join(ARTIFACTS, 'zoom-400-graph.png'));
  await narrow.value('document.getElementById("sites").scrollIntoView()');
  await narrow.screenshot(join(ARTIFACTS, 'zoom-400-sites.png'));
  assertQuiet(narrow);
  await narrow.close();
});

test('it prints on a few sheets', async () => {
  const file = join(ARTIFACTS, 'print.pdf');
  await page.print(file);
  const pdf = readFileSync(file, 'latin1');
  const count = pdf.match(/\/Type\s*\/Page\b/g).length;
  assert.ok(count >= 1 && count <= 8, `${count} sheets`);
});

test('nothing of all that made the page complain', () => assertQuiet(page));
