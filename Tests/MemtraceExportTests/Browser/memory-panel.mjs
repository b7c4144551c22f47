// SPDX-License-Identifier: Apache-2.0
//
// Loads a .heapprofile into the Memory panel of Chrome's developer tools, and prints what the panel shows of
// it, as JSON: the functions with their own bytes, and the tree from the outermost ones on.
// usage: node memory-panel.mjs PROFILE PICTURE
import { Browser } from '../../ReportPageTests/Browser/browser.mjs';
import { DevTools } from './dev-tools.mjs';

const [profile, picture] = process.argv.slice(2);
const browser = await Browser.start();
try {
  const tools = await DevTools.open(browser);
  await tools.memoryPanel(profile);
  const heavy = await tools.rows();
  await tools.screenshot(picture);
  await tools.choose('Tree', 'Heavy');
  console.log(JSON.stringify({ heavy, tree: await tools.rows() }));
} finally {
  await browser.close();
}
