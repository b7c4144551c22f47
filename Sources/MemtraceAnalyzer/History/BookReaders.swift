// SPDX-License-Identifier: Apache-2.0
//
// Those who look into the ledgers while they are replayed, each at instants of its own: one pass
// over the events serves them all.

import TraceFile

/// A history of sites, and one of cohorts.
struct BookReaders: ~Copyable {
  var history: HistoryRecorder
  var cohorts: CohortRecorder?

  /// The instant at which one of them is to look next, behind all events up to and with it.
  var nextInstant: Ticks? {
    guard let instant = cohorts?.nextInstant else { return history.nextInstant }
    return history.nextInstant.map { min($0, instant) } ?? instant
  }

  /// Lets those look whose instant it is.
  mutating func record(_ heap: inout HeapLedger, _ mapped: inout MappingLedger) {
    guard let instant = nextInstant else { return }
    guard cohorts?.nextInstant != nil else { return history.record(&heap, &mapped) }
    let peak = heap.takePeak(at: instant)
    var changed: [SiteIndex] = []
    heap.takeChanges { changed.append($0) }
    if let next = history.nextInstant {
      history.note(peak: peak)
      for site in changed { history.note(change: site) }
      if next == instant { history.write(&heap, &mapped) }
    }
    cohorts?.note(peak: peak, changed)
    if cohorts?.nextInstant == instant { cohorts?.write(&heap, &mapped) }
  }
}
