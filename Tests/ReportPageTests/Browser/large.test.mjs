// SPDX-License-Identifier: Apache-2.0
//
// A page of a hundred thousand sites. PAGE names it; SITES is how many it has. Times are printed,
// not judged: machines differ.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Browser } from './browser.mjs';
import { assertQuiet } from './checks.mjs';

const { PAGE, SITES } = process.env;
let browser;
let page;

before(async () => { browser = await Browser.start(); });
after(() => browser.close());

test('it opens', async () => {
  page = await browser.open(PAGE);
  assert.equal(await page.value('memtracePage.model.siteCount'), Number(SITES));
  assertQuiet(page);
  const ready = await page.value(`performance.getEntriesByName('memtrace-ready')[0].startTime`);
  console.log(`opened in ${Math.round(ready)} ms`);
});

test('only what is in sight is made of elements', async () => {
  assert.ok(await page.value('document.querySelectorAll("*").length') < 12000);
});

test('it sorts, filters, scrolls and is brushed', async () => {
  const times = await page.value(`(() => {
    const time = (work) => { const start = performance.now(); work(); return Math.round(performance.now() - start); };
    const { table, chart, model } = memtracePage;
    return {
      sort: time(() => document.querySelectorAll('.head button')[1].click()),
      sortByName: time(() => [...document.querySelectorAll('.head button')].at(-2).click()),
      filter: time(() => { memtracePage.filter.value = 'f1'; memtracePage.filter.oninput(); }),
      all: time(() => { memtracePage.filter.value = ''; memtracePage.filter.oninput(); }),
      brush: model.instants.length > 4 ? time(() => chart.choose({ from: 1, to: model.whole.to - 1 })) : 0,
      invert: time(() => document.querySelector('[data-id="up"]').click()),
      search: time(() => { memtracePage.search.value = 'f2'; memtracePage.search.oninput(); }),
    };
  })()`);
  console.log(JSON.stringify(times));
  await page.value(`document.querySelector('.rows .row[tabindex="0"]').focus()`);
  await page.key('End');
  assert.equal(await page.value('document.activeElement.getAttribute("aria-rowindex")'),
    String(await page.value('memtracePage.table.rows.length + 1')));
  assertQuiet(page);
});
