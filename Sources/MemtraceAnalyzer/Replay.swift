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

  /// Reads the events of `trace` and enters those up to `end`; `history` is that of its generated
  /// code.
  init(
    _ trace: TraceFile, from start: Ticks, through end: Ticks, options: AnalysisOptions,
    history: GeneratedCodeHistory, progress: ((Double) -> Void)?
  ) throws {
    var meanings = StackMeanings(stacks: trace.stacks, images: trace.images, history: history)
    let canonical = meanings.canonical
    let burstWindow = trace.clock.ticks(atNanoseconds: options.burstWindowNanoseconds)
    var heap = HeapLedger(
      start: start,
      firstPause: trace.marks.first { $0.kind == .pause }?.ticks ?? Ticks(.max),
      large: LargeAllocationLog(threshold: options.largeThreshold),
      bursts: BurstDetector(
        threshold: options.burstThreshold ?? options.largeThreshold,
        windowTicks: burstWindow.rawValue),
      stackCount: trace.stacks.idLimit, canonical: canonical)
    var mappings = MappingLedger(start: start, canonical: canonical)
    var mappingEventCount: UInt64 = 0

    statistics = try trace.forEachRun(through: end, progress: progress) { run in
      // Later events are read all the same: whether they are whole is part of the report.
      meanings.tellApart(Self.events(of: run, through: end)) { wanted in
        let mappingCount = heap.apply(wanted)
        guard mappingCount > 0 else { return }
        mappingEventCount &+= UInt64(mappingCount)
        for event in wanted where event.kind == .mapped || event.kind == .unmapped {
          mappings.apply(event)
        }
      }
    }
    self.heap = heap
    self.mappings = mappings
    self.mappingEventCount = mappingEventCount
    self.meanings = meanings
  }

  /// The events of a run up to an instant.
  private static func events(
    of run: UnsafeBufferPointer<TraceEvent>, through end: Ticks
  ) -> UnsafeBufferPointer<TraceEvent> {
    guard let last = run.last, last.ticks.rawValue > end.rawValue else { return run }
    return UnsafeBufferPointer(rebasing: run.prefix { $0.ticks <= end })
  }
}
