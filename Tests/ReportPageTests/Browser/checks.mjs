// SPDX-License-Identifier: Apache-2.0
//
// What must hold for a page whatever it shows: nobody complains, nothing leaves, everything has a
// name and a role, the keyboard gets everywhere.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';

/** The browser found nothing to complain about, and asked for the page alone. */
export function assertQuiet(page) {
  assert.deepEqual(page.complaints, []);
  assert.deepEqual(page.dialogs, []);
  assert.equal(page.requests.length, 1);
  assert.match(page.requests[0], /^file:/);
}

/** What Tab reaches from the top of the page on, in order, until it leaves the page. */
export async function tabStops(page, limit = 400) {
  const stops = [];
  for (let count = 0; count < limit; count++) {
    await page.key('Tab');
    const stop = await page.value(`(() => {
      const at = document.activeElement;
      if (!at || at === document.body) return null;
      const style = getComputedStyle(at);
      return {
        role: at.getAttribute('role') ?? at.tagName.toLowerCase(), id: at.id,
        section: at.closest('section, header, nav')?.id ?? '',
        name: at.getAttribute('aria-label') ?? at.textContent.trim().slice(0, 60),
        isVisible: style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0
          || style.boxShadow !== 'none' || at.matches('.skips a'),
      };
    })()`);
    if (!stop) return stops;
    stops.push(stop);
  }
  return stops;
}

/** Every element that takes the focus or has a role of a widget has a name. */
export async function assertNamed(page) {
  const { nodes } = await page.send('Accessibility.getFullAXTree');
  const nameless = nodes.filter((node) => {
    if (node.ignored) return false;
    const role = node.role?.value;
    const isFocusable = node.properties?.some(({ name, value }) => name === 'focusable' && value.value);
    const isWidget = ['button', 'checkbox', 'slider', 'treeitem', 'searchbox', 'link', 'tree', 'grid', 'columnheader', 'region', 'image', 'img'].includes(role);
    if (role === 'RootWebArea' || role === 'generic' && !isFocusable) return false;
    return (isFocusable || isWidget) && !node.name?.value;
  });
  assert.deepEqual(nameless.map((node) => node.role.value), []);
  const roles = new Set(nodes.filter((node) => !node.ignored).map((node) => node.role?.value));
  for (const role of ['main', 'banner', 'navigation', 'heading', 'tree', 'treeitem', 'grid', 'row', 'gridcell', 'columnheader', 'searchbox']) {
    assert.ok(roles.has(role), `there is a ${role}`);
  }
}

/** What axe-core finds, where it is installed; null where it is not. */
export async function axeViolations(page) {
  const path = process.env.AXE_SCRIPT;
  if (!path || !existsSync(path)) return null;
  await page.send('Runtime.evaluate', { expression: readFileSync(path, 'utf8') });
  const result = await page.value(`axe.run(document, {
    runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
    resultTypes: ['violations'],
  }).then(({ violations }) => violations.map(({ id, help, nodes }) => ({
    id, help, count: nodes.length,
    first: nodes[0].html.slice(0, 200), why: nodes[0].failureSummary,
  })))`);
  return result;
}

/** No text or background pair has less contrast than WCAG AA asks for. */
export async function lowContrast(page) {
  return page.value(`(() => {
    const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
    const rgba = (color) => {
      canvas.clearRect(0, 0, 1, 1);
      canvas.fillStyle = color;
      canvas.fillRect(0, 0, 1, 1);
      return [...canvas.getImageData(0, 0, 1, 1).data];
    };
    const over = ([r, g, b, a], [R, G, B]) => [r, g, b].map((c, i) => c * a / 255 + [R, G, B][i] * (1 - a / 255));
    const luminance = (rgb) => {
      const [r, g, b] = rgb.map((c) => c / 255 <= 0.03928 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4);
      return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const background = (element) => {
      const layers = [];
      for (let at = element; at; at = at.parentElement) {
        const color = rgba(getComputedStyle(at).backgroundColor);
        layers.push(color);
        if (color[3] === 255) break;
      }
      return layers.reverse().reduce((below, color) => over(color, below), [255, 255, 255]);
    };
    const poor = [];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
      const element = walker.currentNode.parentElement;
      if (!walker.currentNode.textContent.trim() || ['SCRIPT', 'STYLE', 'NOSCRIPT'].includes(element.tagName)) continue;
      if (!element.checkVisibility({ visibilityProperty: true }) || element.closest('.skips, .above, .other')) continue;
      const style = getComputedStyle(element);
      const back = background(element);
      const text = over(rgba(style.color), back);
      const [light, dark] = [luminance(text), luminance(back)].sort((a, b) => b - a);
      const ratio = (light + 0.05) / (dark + 0.05);
      if (ratio < 4.5) poor.push(element.className + ' ' + walker.currentNode.textContent.slice(0, 30) + ' ' + ratio.toFixed(2));
    }
    return [...new Set(poor)];
  })()`);
}
