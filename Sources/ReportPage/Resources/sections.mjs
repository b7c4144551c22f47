// SPDX-License-Identifier: Apache-2.0
//
// The parts of the page that do not change with the range: head, verdict, large allocations,
// mappings.
import { formatBytes, formatCount, formatDuration, formatExactBytes, formatInstant, formatNoun, formatShare } from './format.mjs';
import { byId, el, fill } from './dom.mjs';
import { shortName } from './graph.mjs';

/** What was traced, and the button that chooses light or dark. */
export function writeHead(data) {
  const { trace } = data;
  byId('title').textContent = trace.title;
  byId('facts').textContent = `pid ${trace.pid} · ${formatDuration(trace.duration)} · ${trace.state}`
    + ` · ${formatNoun(trace.threads, 'thread')} · recorded ${trace.start.slice(0, 19).replace('T', ' ')} UTC`;
  const themes = ['system', 'light', 'dark'];
  const button = byId('theme');
  button.onclick = () => {
    const next = themes[(themes.indexOf(document.documentElement.dataset.theme ?? 'system') + 1) % 3];
    document.documentElement.dataset.theme = next;
    button.textContent = `Theme: ${next}`;
  };
  byId('foot').textContent = `Made by memtrace report --format html of ${trace.path}. `
    + 'This file is complete: it loads nothing and sends nothing.';
}

/** The answer, the figures, the warnings. */
export function writeVerdict(data) {
  const { verdict, warnings, summary } = data;
  byId('verdict').dataset.tone = verdict[0]?.style ?? 'plain';
  fill(byId('verdict-more'), verdict.slice(1).map(({ text, style }) =>
    el(style === 'faint' ? 'p.faint' : 'p', { textContent: text })));
  const figures = [
    ['Outstanding', formatBytes(summary.outstandingBytes), formatNoun(summary.outstandingCount, 'block')],
    ['Peak', formatBytes(summary.peakBytes), `at ${formatInstant(summary.peakTime)}`],
    ['Allocated', formatBytes(summary.allocatedBytes), formatNoun(summary.allocationCount, 'block')],
    ['Temporary', formatShare(summary.temporaryCount, summary.allocationCount), 'of all blocks'],
  ];
  if (summary.peakRss !== null) {
    figures.push(['RSS peak', formatBytes(summary.peakRss), `end ${formatBytes(summary.endRss ?? 0)}`]);
  }
  fill(byId('figures'), figures.map(([name, value, remark]) => el('div', {},
    el('dt', { textContent: name }), el('dd', {},
      el('strong', { textContent: value }), el('span.faint', { textContent: remark })))));
  if (warnings.length === 0) return;
  const isGrave = warnings.some((warning) => warning.isGrave);
  fill(byId('warnings'), el('details.warnings', { open: isGrave },
    el('summary', { textContent: `${formatNoun(warnings.length, 'thing')} to be known` }),
    el('ul', {}, warnings.map((warning) =>
      el(warning.isGrave ? 'li.grave' : 'li', { textContent: warning.text })))));
}

/** What is to be thought of memory over time. @param {(text: string) => void} search */
export function writeJudgement({ judgement, trace }, search) {
  if (!judgement) return;
  const { kind, headline, evidence, nextSteps, patterns, growing } = judgement;
  const root = trace.directory.length > 1 ? `${trace.directory}/` : null;
  const list = (texts) => el('ul', {}, texts.map((text) => el('li', { textContent: text })));
  fill(byId('judgement'),
    el('p.headline', { textContent: headline, 'data-kind': kind }),
    list(evidence),
    el('details', {},
      el('summary', { textContent: 'Shape of the curves, and what to do next' }),
      el('p', { textContent: patterns.map(({ name, words }) => `${name}: ${words}`).join('; ') }),
      list(nextSteps)),
    growing.length > 0 ? el('details', { open: true },
      el('summary', { textContent: `${formatNoun(growing.length, 'site')} that go on growing` }),
      simpleTable('Sites that go on growing', ['Rate', 'Growth', 'How', 'Where'],
        growing.map(({ rate, growth, words, function: name, file, line }) => {
          const place = root && file.startsWith(root) ? file.slice(root.length) : file;
          return [rate, formatBytes(growth), words, el('span', {},
            el('button.quiet.where', {
              type: 'button', textContent: name ? shortName(name) : '(no name)',
              title: 'Search for it in the graph', onclick: () => search(name),
            }), el('span.faint', { textContent: ` ${place}${line ? `:${line}` : ''}` }))];
        }))) : null);
}

/** A button that has a stack shown, by the function that answers for it. */
function stackButton(model, show, node, title, facts) {
  const frame = model.responsibleFrame(node);
  const { frames } = model;
  return el('button.quiet.where', {
    type: 'button',
    onclick: () => show(node, title, facts),
  }, el('bdi', { textContent: frame < 0 ? '(no stack recorded)' : shortName(frames.name(frame)) }),
  el('span.faint', { textContent: frame < 0 ? '' : ` ${frames.place(frame, true)}` }));
}

/** Large and sudden allocations. @param {(node, title, facts) => void} show */
export function writeLarge(model, show) {
  const { large, summary } = model.data;
  if (large.length === 0) {
    fill(byId('large-view'), el('p.faint', {
      textContent: `None of ${formatBytes(summary.largeThreshold)} or more.`,
    }));
    return;
  }
  const shown = large.slice(0, 100);
  fill(byId('large-view'), simpleTable('Large and sudden allocations',
    ['Size', 'What', 'When', 'Freed', 'Where'],
    shown.map(({ kind, time, duration, bytes, count, freed, node }) => {
      const isBurst = kind === 'burst';
      const what = isBurst
        ? `${formatNoun(count, 'block')} within ${formatDuration(duration)}` : 'one block';
      const facts = [['Size', formatExactBytes(bytes)], ['When', formatInstant(time)]];
      return [
        formatBytes(bytes), what, formatInstant(time),
        isBurst ? '' : freed === null ? 'never' : `at ${formatInstant(freed)}`,
        stackButton(model, show, node, isBurst ? 'Sudden growth' : 'Large allocation', facts),
      ];
    })), shown.length < large.length
    ? el('p.faint', { textContent: `The ${shown.length} largest of ${formatCount(large.length)}.` }) : null);
}

/** What is mapped beside the heap. @param {(node, title, facts) => void} show */
export function writeMappings(model, show) {
  const { mappings } = model.data;
  if (mappings.sites.length === 0) {
    byId('mappings').hidden = true;
    return;
  }
  const shown = mappings.sites.slice(0, 50);
  fill(byId('mappings-view'),
    el('p', {
      textContent: mappings.bytes > 0
        ? `${formatBytes(mappings.bytes)} stayed mapped by ${formatNoun(mappings.siteCount, 'stack')}; none of it is part of the sums above.`
        : `Nothing but ${formatBytes(mappings.reserved)} of reserved address space stayed mapped.`,
    }),
    simpleTable('Mapped beside the heap', ['Memory', 'Of files', 'Reserved', 'Mappings', 'Where'],
      shown.map(({ anonymous, file, reserved, count, node }) => [
        formatBytes(anonymous), formatBytes(file), formatBytes(reserved), formatCount(count),
        stackButton(model, show, node, 'Mapped memory', [['Memory', formatExactBytes(anonymous)]]),
      ])));
}

/** A table that is short enough to be all there. */
function simpleTable(label, names, rows) {
  return el('div.simple-scroller', { tabIndex: 0, role: 'region', 'aria-label': `${label}: table` },
    el('table.simple', {},
      el('thead', {}, el('tr', {}, names.map((name) => el('th', { scope: 'col', textContent: name })))),
      el('tbody', {}, rows.map((cells) => el('tr', {}, cells.map((cell) => el('td', {}, cell)))))));
}
