// SPDX-License-Identifier: Apache-2.0
//
// Takes the pictures of docs/hunt.md in a headless Chromium, of what docs/pictures/make has laid into a folder.
// usage: node take.mjs FOLDER PICTURES
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Browser } from '../../Tests/ReportPageTests/Browser/browser.mjs';
import { DevTools } from '../../Tests/MemtraceExportTests/Browser/dev-tools.mjs';

const [folder, pictures] = process.argv.slice(2);
const picture = (name) => join(pictures, `${name}.png`);

/** What a terminal makes of a text: colors as memtrace uses them, nothing else. */
function terminal(text) {
  const colors = { 1: 'font-weight:bold', 2: 'opacity:.7', 31: 'color:#f47067', 32: 'color:#57ab5a', 33: 'color:#daaa3f', 34: 'color:#6cb6ff', 35: 'color:#dcbdfb', 36: 'color:#39c5cf' };
  const escaped = text.replace(/[&<]/g, (letter) => `&#${letter.charCodeAt(0)};`);
  const spans = escaped.replace(/\x1b\[([\d;]*)m/g, (_, codes) => {
    const styles = codes.split(';').map((code) => colors[Number(code)]).filter(Boolean);
    return `</span><span style="${styles.join(';')}">`;
  });
  return `<!doctype html><meta charset="utf-8"><style>body { margin: 0; background: #22272e; }
    pre { display: inline-block; margin: 0; padding: 14px 18px; color: #cdd9e5; font: 13.29px 'DejaVu Sans Mono', monospace; }
    </style><pre><span>${spans}</span></pre>`;
}

/** A part of a page, with some room around it. */
async function part(page, path, top, bottom, { width }) {
  const [from, to] = await page.value(`[${JSON.stringify(top)}, ${JSON.stringify(bottom)}].map((selector, index) => {
    const at = document.querySelector(selector).getBoundingClientRect();
    return (index ? at.bottom : at.top) + scrollY;
  })`);
  await page.drawn();
  const { data } = await page.send('Page.captureScreenshot', {
    captureBeyondViewport: true,
    clip: { x: 0, y: Math.max(0, from - 12), width, height: to - Math.max(0, from - 12) + 12, scale: 1 },
  });
  writeFileSync(path, Buffer.from(data, 'base64'));
}

async function shell(browser, name, lines) {
  const text = readFileSync(join(folder, `${name}.txt`), 'utf8').split('\n').slice(0, lines).join('\n');
  const file = join(folder, `${name}.html`);
  writeFileSync(file, terminal(text));
  const page = await browser.open(file, { width: 820, height: 400 });
  const width = await page.value('Math.ceil(document.querySelector("pre").getBoundingClientRect().width)');
  await part(page, picture(name), 'pre', 'pre', { width });
  await page.close();
}

/** The site with the most outstanding bytes, chosen in the table. */
const chooseLargest = `memtracePage.table.actions.select([...memtracePage.model.amounts(memtracePage.state.range).outstandingBytes]
  .reduce((best, bytes, site, all) => bytes > all[best] ? site : best, 0))`;

const browser = await Browser.start();
try {
  await shell(browser, 'report');
  await shell(browser, 'timeline', 41);

  const size = { width: 1180, height: 1000 };
  const page = await browser.open(join(folder, 'page.html'), size);
  await page.value(chooseLargest);
  await part(page, picture('page'), 'header.top', '#time', size);
  await part(page, picture('graph'), '.split', '#graph', size);

  // What came in the second half and stayed, in the dark.
  await page.setScheme('dark');
  await page.value(`(() => {
    const { model, chart } = memtracePage;
    const range = { from: Math.floor(model.whole.to * 0.6), to: model.whole.to };
    chart.show(range);
    chart.choose(range);
    ${chooseLargest};
  })()`);
  await part(page, picture('range'), '#time', '#graph', size);
  await page.close();

  const tools = await DevTools.open(browser, { width: 1180, height: 480 });
  await tools.memoryPanel(join(folder, 'thumbnails.heapprofile'));
  await tools.screenshot(picture('devtools'));
} finally {
  await browser.close();
}
