// SPDX-License-Identifier: Apache-2.0
//
// Loads a .heapprofile into the Memory panel of Chrome's developer tools, and prints what the panel shows of
// it, as JSON: the functions with their own bytes, and the tree from the outermost ones on.
// usage: node memory-panel.mjs PROFILE PICTURE BYTES (which both views must come to; the panel fills them in parts)
import { Browser } from '../../ReportPageTests/Browser/browser.mjs';
import { DevTools } from './dev-tools.mjs';

const [profile, picture, bytes] = process.argv.slice(2);
const sum = (rows, column) => rows.reduce((total, row) => total + row[column], 0);
const browser = await Browser.start();
try {
  const tools = await DevTools.open(browser);
  await tools.memoryPanel(profile);
  const heavy = await tools.rowsOnce((rows) => sum(rows, 'own') === Number(bytes));
  await tools.screenshot(picture);
  await tools.choose('Tree', 'Heavy');
  const tree = await tools.rowsOnce((rows) => sum(rows, 'total') === Number(bytes));
  console.log(JSON.stringify({ heavy, tree }));
} finally {
  await browser.close();
}
