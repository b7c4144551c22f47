// SPDX-License-Identifier: Apache-2.0
//
// One pass over a trace's events: into the heap's books and those of the mappings.

import Symbolication
import TraceFile

/// The state of memory at one instant of a trace.
struct Replay: ~Copyable {
  let heap: HeapLedger
  let mappings: MappingLedger
  let mappingEventCount: UInt64
  /// What the stacks in the books mean, and what the addresses in them were called when.
  let meanings: StackMeanings
  /// What reading the events showed.
  let statistics: EventStatistics
  /// The history that was asked for; without instants if none was.
  let siteHistory: SiteHistory
  /// What `cohorts` wrote down, if there were any.
  let cohorts: CohortRecorder?

  /// Reads the events of `trace` and enters those up to `end`; `history` is that of its generated
  /// code, and `recorder` and `cohorts` look into the books on the way.
  ///
  /// What begins behind `last` is not counted.
  init(
    _ trace: TraceFile, from start: Ticks, through end: Ticks,
    countingThrough last: Ticks = Ticks(.max), options: AnalysisOptions,
    history: GeneratedCodeHistory,
    recorder: consuming HistoryRecorder = HistoryRecorder(
      at: [], splitsCohorts: false, changeLimit: nil),
    cohorts: CohortRecorder? = nil, progress: ((Double) -> Void)?
  ) throws {
    var readers = BookReaders(history: recorder, cohorts: cohorts)
    let isFollowed = readers.nextInstant != nil
    var meanings = StackMeanings(stacks: trace.stacks, images: trace.images, history: history)
    let canonical = meanings.canonical
    let burstWindow = trace.clock.ticks(atNanoseconds: options.burstWindowNanoseconds)
    var heap = HeapLedger(
      start: start, last: last,
      firstPause: trace.marks.first { $0.kind == .pause }?.ticks ?? Ticks(.max),
      large: LargeAllocationLog(threshold: options.largeThreshold),
      bursts: BurstDetector(
        threshold: options.burstThreshold ?? options.largeThreshold,
        windowTicks: burstWindow.rawValue),
      followsChanges: isFollowed, stackCount: trace.stacks.idLimit, canonical: canonical)
    var mappings = MappingLedger(
      start: start, last: last, followsChanges: isFollowed, followsSteps: cohorts != nil,
      canonical: canonical)
    var mappingEventCount: UInt64 = 0

    statistics = try trace.forEachRun(through: end, progress: progress) { run in
      // Later events are read all the same: whether they are whole is part of the report.
      meanings.tellApart(Self.events(of: run, through: end)) { wanted in
        var rest = wanted
        while let instant = readers.nextInstant, let last = rest.last, last.ticks > instant {
          let part = Self.events(of: rest, through: instant)
          mappingEventCount &+= Self.enter(part, into: &heap, &mappings)
          readers.record(&heap, &mappings)
          rest = UnsafeBufferPointer(rebasing: rest[part.count...])
        }
        mappingEventCount &+= Self.enter(rest, into: &heap, &mappings)
      }
    }
    while readers.nextInstant != nil { readers.record(&heap, &mappings) }
    if isFollowed { heap.restorePeak() }
    self.cohorts = readers.cohorts
    siteHistory = readers.history.history(heap, meanings)
    self.heap = heap
    self.mappings = mappings
    self.mappingEventCount = mappingEventCount
    self.meanings = meanings
  }

  /// Enters events into the books; returns how many of them are of mappings.
  private static func enter(
    _ events: UnsafeBufferPointer<TraceEvent>, into heap: inout HeapLedger,
    _ mappings: inout MappingLedger
  ) -> UInt64 {
    let mappingCount = heap.apply(events)
    guard mappingCount > 0 else { return 0 }
    for event in events where event.kind == .mapped || event.kind == .unmapped {
      mappings.apply(event)
    }
    return UInt64(mappingCount)
  }

  /// The events of a run up to an instant.
  private static func events(
    of run: UnsafeBufferPointer<TraceEvent>, through end: Ticks
  ) -> UnsafeBufferPointer<TraceEvent> {
    guard let last = run.last, last.ticks.rawValue > end.rawValue else { return run }
    var low = 0
    var high = run.count
    while low < high {
      let middle = (low + high) / 2
      if run[middle].ticks.rawValue > end.rawValue { high = middle } else { low = middle + 1 }
    }
    return UnsafeBufferPointer(rebasing: run[..<low])
  }
}
