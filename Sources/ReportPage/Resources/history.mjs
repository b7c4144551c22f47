// SPDX-License-Identifier: Apache-2.0
//
// What sites held over time, by when it was allocated (PageHistory.swift), and with it what they
// hold in any range. No elements of the page, so that node can test it.
import { column, ColumnReader } from './columns.mjs';

/** What sites held at each instant, told apart by the interval in which it was allocated. */
export class History {
  constructor(data, siteCount) {
    this.data = data;
    this.instants = data.instants;
    this.labels = data.labels;
    this.base = data.beginsAtFirst ? 0 : -1;
    this.siteCount = siteCount;
    const { count } = data.entries;
    this.sites = new Uint32Array(count);
    const steps = new ColumnReader(data.entries.site);
    for (let entry = 0, site = 0; entry < count; entry++) {
      site += steps.next();
      this.sites[entry] = site;
    }
    this.cohorts = column(data.entries.cohort, count, Uint32Array);
    this.allocatedBytes = column(data.entries.allocatedBytes, count);
    this.allocationCount = column(data.entries.allocationCount, count);
    this.temporaryCount = column(data.entries.temporaryCount, count);
    this.#readChanges(data.entries.changeCount, data.changes, count);
    const { length } = this.instants;
    this.totals = {};
    for (const name of ['outstandingBytes', 'outstandingCount', 'peakBytes', 'mappedBytes']) {
      this.totals[name] = column(data.totals[name], length);
    }
    this.totals.peakTime = column(data.totals.peakTime, length);
  }

  /** The entries' changes stand behind each other; `ends` says where each entry's end. */
  #readChanges(counts, changes, entryCount) {
    const counter = new ColumnReader(counts);
    this.ends = new Uint32Array(entryCount);
    this.changeInstants = new Uint32Array(changes.count);
    this.changeBytes = new Float64Array(changes.count);
    this.changeCounts = new Float64Array(changes.count);
    const instant = new ColumnReader(changes.instant);
    const bytes = new ColumnReader(changes.bytes);
    const blocks = new ColumnReader(changes.blocks);
    let place = 0;
    for (let entry = 0; entry < entryCount; entry++) {
      let at = this.cohorts[entry];
      for (let left = counter.next(); left > 0; left--) {
        at += instant.next();
        this.changeInstants[place] = at;
        this.changeBytes[place] = bytes.next();
        this.changeCounts[place] = blocks.next();
        place += 1;
      }
      this.ends[entry] = place;
    }
  }

  /** The place of the last change of an entry up to an instant; -1 where it held nothing yet. */
  #change(entry, instant) {
    const start = entry === 0 ? 0 : this.ends[entry - 1];
    let place = this.ends[entry] - 1;
    while (place >= start && this.changeInstants[place] > instant) place -= 1;
    return place < start ? -1 : place;
  }

  /** The instant of a range at which most was outstanding of what was allocated in it. */
  #highest(range) {
    const sums = new Float64Array(this.instants.length);
    for (let entry = 0; entry < this.sites.length; entry++) {
      const cohort = this.cohorts[entry];
      if (cohort <= range.from || cohort > range.to) continue;
      const start = entry === 0 ? 0 : this.ends[entry - 1];
      for (let place = start, held = 0; place < this.ends[entry]; place++) {
        sums[this.changeInstants[place]] += this.changeBytes[place] - held;
        held = this.changeBytes[place];
      }
    }
    let highest = range.to;
    let most = -1;
    let sum = 0;
    for (let instant = 0; instant <= range.to; instant++) {
      sum += sums[instant];
      if (instant > range.from && sum > most) {
        most = sum;
        highest = instant;
      }
    }
    return highest;
  }

  /** The instant from which growth counts: of the whole trace, a quarter of the way in. */
  growthStart(range) {
    if (range.from !== this.base) return range.from;
    const start = this.base < 0 ? 0 : this.instants[0];
    const quarter = start + (this.instants[range.to] - start) / 4;
    const place = this.instants.findIndex((instant) => instant >= quarter);
    return place < range.to ? place : this.base;
  }

  /** As Model.amounts. */
  amounts(range) {
    const names = [
      'outstandingBytes', 'outstandingCount', 'allocatedBytes', 'allocationCount',
      'temporaryCount', 'peakBytes', 'peakCount', 'growthBytes', 'growthCount',
    ];
    const sums = {};
    for (const name of names) sums[name] = new Float64Array(this.siteCount + 1);
    const highest = this.#highest(range);
    const start = this.growthStart(range);
    for (let entry = 0; entry < this.sites.length; entry++) {
      const site = this.sites[entry];
      const cohort = this.cohorts[entry];
      if (cohort > range.to) continue;
      const last = this.#change(entry, range.to);
      const first = start < 0 ? -1 : this.#change(entry, start);
      if (last >= 0) {
        sums.growthBytes[site] += this.changeBytes[last];
        sums.growthCount[site] += this.changeCounts[last];
      }
      if (first >= 0) {
        sums.growthBytes[site] -= this.changeBytes[first];
        sums.growthCount[site] -= this.changeCounts[first];
      }
      if (cohort <= range.from) continue;
      sums.allocatedBytes[site] += this.allocatedBytes[entry];
      sums.allocationCount[site] += this.allocationCount[entry];
      sums.temporaryCount[site] += this.temporaryCount[entry];
      if (last >= 0) {
        sums.outstandingBytes[site] += this.changeBytes[last];
        sums.outstandingCount[site] += this.changeCounts[last];
      }
      const peak = this.#change(entry, highest);
      if (peak >= 0) {
        sums.peakBytes[site] += this.changeBytes[peak];
        sums.peakCount[site] += this.changeCounts[peak];
      }
    }
    return { ...sums, highest };
  }
}
