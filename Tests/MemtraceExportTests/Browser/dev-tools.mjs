// SPDX-License-Identifier: Apache-2.0
//
// Chrome's developer tools, which Chromium has built in, driven as a person with a screen reader does.
import { basename } from 'node:path';
import { BrowserPage } from '../../ReportPageTests/Browser/browser.mjs';

/** Ends what hangs; nothing is judged by it. */
const LIMIT_MILLISECONDS = 60_000;

export class DevTools extends BrowserPage {
  static async open(browser, size = { width: 1400, height: 900 }) {
    const { targetId } = await browser.send('Target.createTarget', { url: 'devtools://devtools/bundled/js_app.html' });
    const { sessionId } = await browser.send('Target.attachToTarget', { targetId, flatten: true });
    const tools = new DevTools(browser, sessionId, targetId);
    await tools.resize(size);
    await tools.send('Accessibility.enable');
    return tools;
  }

  async nodes() {
    const { nodes } = await this.send('Accessibility.getFullAXTree');
    return nodes.filter((node) => !node.ignored);
  }

  /** The first thing of that role and name, as soon as there is one. */
  async thing(role, name, isWanted = () => true) {
    const end = Date.now() + LIMIT_MILLISECONDS;
    while (Date.now() < end) {
      const found = (await this.nodes()).find((node) =>
        node.role?.value === role && node.name?.value.startsWith(name) && isWanted(node));
      if (found) return found;
      await this.drawn();
    }
    throw new Error(`the tools have no ${role} '${name}': ${(await this.nodes())
      .map((node) => `${node.role?.value} '${node.name?.value}'`).join(', ').slice(0, 4000)}`);
  }

  async press(node) {
    const { model } = await this.send('DOM.getBoxModel', { backendNodeId: node.backendDOMNodeId });
    const [left, top, , , right, bottom] = model.content;
    await this.click((left + right) / 2, (top + bottom) / 2);
  }

  /** What "Load profile…" asks for is given without a window to choose a file in. */
  async load(path) {
    const chosen = new Promise((resolve) => {
      const stop = this.browser.listen(({ method, params, sessionId }) => {
        if (method !== 'Page.fileChooserOpened' || sessionId !== this.sessionId) return;
        stop();
        resolve(params.backendNodeId);
      });
    });
    await this.send('Page.enable');
    await this.send('Page.setInterceptFileChooserDialog', { enabled: true });
    await this.press(await this.thing('button', 'Load profile'));
    await this.send('DOM.setFileInputFiles', { files: [path], backendNodeId: await chosen });
  }

  /** Opens the Memory panel on a profile; of a new user's tools it shows the heaviest functions first. */
  async memoryPanel(profile) {
    await this.press(await this.thing('tab', 'Memory'));
    await this.load(profile);
    await this.press(await this.thing('treeitem', `${basename(profile, '.heapprofile')}, Loaded`));
    await this.shown('Heavy');
    await this.thing('cell', '');
  }

  /** The rows of the table that is shown: of a function its name, without the place beside it. */
  async rows() {
    const nodes = await this.nodes();
    const byID = new Map(nodes.map((node) => [node.nodeId, node]));
    const inside = (node) => node.childIds.map((id) => byID.get(id)).filter(Boolean);
    const text = (node) => node.role?.value === 'StaticText' ? node.name.value : inside(node).map(text).find(Boolean);
    return nodes.filter((node) => node.role?.value === 'row')
      .map((row) => inside(row).filter((cell) => cell.role?.value === 'cell')).filter((cells) => cells.length === 3)
      .map(([own, total, name]) => ({ own: parseInt(own.name.value, 10), total: parseInt(total.name.value, 10), name: text(name) }));
  }

  /** The choice of how the profile is shown, as soon as that is this way. */
  shown(view) {
    return this.thing('combobox', 'Profile view mode', (node) => node.value?.value.startsWith(view));
  }

  /** Shows it another way, by keyboard. The choice changes first, and the table some frames later. */
  async choose(view, before) {
    await this.send('DOM.focus', { backendNodeId: (await this.shown(before)).backendDOMNodeId });
    await this.type(view[0]);
    await this.shown(view);
  }

  /** The rows as soon as they are as wanted; those that there are, when they do not get there. */
  async rowsOnce(areWanted) {
    const end = Date.now() + LIMIT_MILLISECONDS;
    for (;;) {
      const rows = await this.rows();
      if (areWanted(rows) || Date.now() > end) return rows;
      await this.drawn();
    }
  }
}
