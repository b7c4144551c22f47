// SPDX-License-Identifier: Apache-2.0
//
// A page whose every name is meant to break it, or to run something. PAGE names it.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Browser } from './browser.mjs';
import { assertQuiet, axeViolations } from './checks.mjs';

const { PAGE } = process.env;
let browser;
let page;

before(async () => {
  browser = await Browser.start();
  page = await browser.open(PAGE);
});
after(() => browser.close());

test('nothing of it runs, and nobody complains', async () => {
  assert.equal(await page.value('document.documentElement.dataset.ready'), 'true');
  assert.equal(await page.value('globalThis.wasRun'), undefined);
  assertQuiet(page);
});

test('nothing of it becomes an element, a link or a style', async () => {
  assert.deepEqual(await page.value(`[...document.querySelectorAll(
    'img, iframe, object, embed, link, base, form, a:not(.skips a), [style*="expression"], [onerror], [onload]')]
    .map((at) => at.outerHTML)`), []);
  assert.equal(await page.value('document.scripts.length'), 1);
  assert.equal(await page.value('document.styleSheets.length'), 1);
});

test('names are shown as they are, their controls written out', async () => {
  await page.value('memtracePage.table.actions.select(0)');
  const text = await page.value('document.body.textContent');
  assert.ok(text.includes('</script><script>globalThis.wasRun=true</script>'));
  assert.ok(text.includes('\\u{202e}'));
  assert.ok(!/[\u0000-\u0008\u202a-\u202e\u2066-\u2069]/.test(text));
});

test('a name of 100,000 letters leaves the page usable', async () => {
  const widths = await page.value(`[document.documentElement.scrollWidth, innerWidth]`);
  assert.ok(widths[0] <= widths[1], String(widths));
  const longest = await page.value('Math.max(...memtracePage.data.strings.map((text) => text.length))');
  assert.ok(longest <= 4100, String(longest));
});

test('every part of it can be used', async () => {
  const count = await page.value(`(() => {
    const { forest, graph, model } = memtracePage;
    for (const box of [...document.querySelectorAll('.flame .box')]) graph.actions.select(box.branch);
    for (let site = 0; site < model.siteCount; site++) memtracePage.table.actions.select(site);
    for (const button of document.querySelectorAll('.where')) button.click();
    memtracePage.search.value = '</script>';
    memtracePage.search.oninput();
    return document.querySelectorAll('.box.match').length;
  })()`);
  assert.ok(count > 0);
  assertQuiet(page);
});

test('it is accessible all the same', async () => {
  const other = await browser.open(PAGE, { bypassesPolicy: true });
  assert.deepEqual((await axeViolations(other)) ?? [], []);
});
