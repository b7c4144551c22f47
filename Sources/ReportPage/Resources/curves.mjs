// SPDX-License-Identifier: Apache-2.0
//
// Memory over time as curves: which there are, how high, and the paths that draw them in a picture
// 1000 wide and 100 high. No elements, so that node can test it.
import { column, ColumnReader } from './columns.mjs';

export const WIDTH = 1000;
export const HEIGHT = 100;

/** What each curve is called, and whether it is shown at first. */
const KINDS = {
  heap: { name: 'malloc', isArea: true },
  mapped: { name: 'mmap' },
  rss: { name: 'RSS' },
  pss: { name: 'PSS', isHidden: true },
  cgroup: { name: 'cgroup', isHidden: true },
  jsHeap: { name: 'JavaScript heap' },
  jsExternal: { name: 'JavaScript external', isHidden: true },
};

/** The curves of a model: `{id, name, isArea, isHidden, times, values}`, in nanoseconds and bytes. */
export function curvesOf(model) {
  const curves = [];
  const add = (id, times, values) => {
    if (times.length > 0 && values.some((value) => value > 0)) {
      curves.push({ id, ...KINDS[id], times, values });
    }
  };
  const { history } = model;
  if (history) {
    add('heap', ...withPeaks(history));
    add('mapped', history.instants, Array.from(history.totals.mappedBytes));
  }
  for (const { id, count, times, values } of model.data.memory?.curves ?? []) {
    add(id, timeColumn(times, count), Array.from(column(values, count)));
  }
  return curves;
}

/** Instants, each as what it lies behind the one before, in microseconds. */
export function timeColumn(base64, count) {
  const reader = new ColumnReader(base64);
  const times = [];
  for (let index = 0, time = 0; index < count; index++) {
    time += reader.next();
    times.push(time * 1000);
  }
  return times;
}

/** The heap at each instant, and the peak between two where that was higher. */
function withPeaks({ instants, totals }) {
  const times = [];
  const values = [];
  for (let index = 0; index < instants.length; index++) {
    const peakTime = totals.peakTime[index];
    const isBetween = (index === 0 || peakTime > instants[index - 1]) && peakTime < instants[index];
    if (isBetween && totals.peakBytes[index] > totals.outstandingBytes[index]) {
      times.push(peakTime);
      values.push(totals.peakBytes[index]);
    }
    times.push(instants[index]);
    values.push(totals.outstandingBytes[index]);
  }
  return [times, values];
}

/** A round number no lower than `value`, and how many steps to divide it into. */
export function scaleFor(value) {
  if (!(value > 0)) return { top: 1, steps: 1 };
  const unit = 1024 ** Math.floor(Math.log(value) / Math.log(1024));
  const count = value / unit;
  for (const [top, steps] of [
    [1, 4], [2, 4], [3, 3], [4, 4], [5, 5], [6, 3], [8, 4], [10, 5], [12, 4], [16, 4], [20, 4],
    [24, 4], [32, 4], [40, 4], [48, 4], [64, 4], [80, 4], [100, 5], [128, 4], [160, 4], [200, 4],
    [256, 4], [320, 4], [400, 4], [512, 4], [640, 4], [768, 3], [1024, 4],
  ]) {
    if (count <= top) return { top: top * unit, steps };
  }
  return { top: value, steps: 4 };
}

/** Round instants within a span, five to ten of them. */
export function ticksFor(from, to) {
  const span = to - from;
  if (!(span > 0)) return [from];
  const rough = span / 6;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((size) => size >= rough);
  const ticks = [];
  for (let at = Math.ceil(from / step) * step; at <= to; at += step) ticks.push(at);
  return ticks;
}

/** Where the value of a curve at an instant is: that of the last point up to it. */
export function valueAt({ times, values }, time) {
  let low = 0;
  let high = times.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (times[middle] > time) high = middle;
    else low = middle + 1;
  }
  return low > 0 ? values[low - 1] : null;
}

/** The path of a curve; closed to the ground where it is an area. */
export function pathOf({ times, values, isArea }, from, to, top) {
  const span = Math.max(1, to - from);
  const x = (time) => (((time - from) / span) * WIDTH).toFixed(2);
  const y = (value) => (HEIGHT - (value / top) * HEIGHT).toFixed(2);
  let path = '';
  for (let index = 0; index < times.length; index++) {
    path += `${index === 0 ? 'M' : 'L'}${x(times[index])} ${y(values[index])}`;
  }
  if (isArea && times.length > 0) {
    path += `L${x(times[times.length - 1])} ${HEIGHT}L${x(times[0])} ${HEIGHT}Z`;
  }
  return path;
}

/** The boundary nearest to an instant: -1 is the beginning, others are places in `instants`. */
export function nearestBoundary(instants, start, time) {
  let best = -1;
  let distance = Math.abs(start - time);
  for (let index = 0; index < instants.length; index++) {
    const next = Math.abs(instants[index] - time);
    if (next < distance) {
      best = index;
      distance = next;
    }
  }
  return best;
}
