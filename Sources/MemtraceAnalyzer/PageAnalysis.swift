// SPDX-License-Identifier: Apache-2.0
//
// What a page has beside the report: memory over time, for the range that is brushed, and what the
// timeline thinks of it. Both are written down in the pass over the events that the report needs.

import Symbolication
import TraceFile

/// What is to be written down for a page.
struct PagePlan {
  let memory: MemoryPlan
  let timeline: TimelinePlan
  private let interval: Interval
  private let options: TimelineOptions

  init(_ trace: TraceFile, _ interval: Interval, _ options: AnalysisOptions) throws {
    self.interval = interval
    var timelineOptions = TimelineOptions()
    timelineOptions.from = options.from
    timelineOptions.to = options.to
    timelineOptions.sysroot = options.sysroot
    timelineOptions.collections = options.collections
    self.options = timelineOptions
    memory = MemoryPlan(trace, interval)
    timeline = try TimelinePlan(trace, timelineOptions)
  }

  /// Whether the report counts what a page counts, every block.
  ///
  /// What began before the time asked for is none of the report's, but part of the curves.
  var sharesPass: Bool { interval.start.rawValue == 0 && interval.last == interval.end }

  var cohorts: CohortRecorder { CohortRecorder(at: memory.instants.map(\.ticks)) }

  /// Adds to `report`, made from `replay`, what a page has; `replay` has recorded it, where the pass
  /// could be shared.
  func add(
    to report: inout LeakReport, _ trace: TraceFile, _ replay: borrowing Replay,
    sites: SitePlaces, _ map: PerfMap?, using symbolicator: inout some Symbolicator
  ) throws {
    var plan = memory
    let instant = plan.add(peak: replay.heap.totals.peakTicks)
    guard sharesPass else {
      let whole = try Replay(
        trace, from: Ticks(0), through: interval.end, options: AnalysisOptions(),
        history: GeneratedCodeHistory(map?.names ?? trace.codeNames),
        recorder: timeline.recorder,
        cohorts: CohortRecorder(at: plan.instants.map(\.ticks)), progress: nil)
      guard let history = whole.cohorts?.history(whole.meanings) else { return }
      try write(history, plan, nil, to: &report, trace, whole, sites: sites, map, &symbolicator)
      return
    }
    guard let recorder = replay.cohorts else { return }
    let history = recorder.history(replay.meanings)
    let division = try PeakDivision(of: trace, history, recorder, at: instant)
    try write(
      division?.history ?? history, plan, division, to: &report, trace, replay, sites: sites, map,
      &symbolicator)
  }

  private func write(
    _ history: SiteHistory, _ plan: MemoryPlan, _ division: PeakDivision?,
    to report: inout LeakReport, _ trace: TraceFile, _ replay: borrowing Replay,
    sites: SitePlaces, _ map: PerfMap?, _ symbolicator: inout some Symbolicator
  ) throws {
    report.memory = MemoryHistory(
      trace, interval, history, plan, sites: sites,
      collections: options.collections ?? trace.collections)
    report.timeline = try Analyzer.timeline(
      timeline, on: trace, options: options, replay, map, division: division, using: &symbolicator)
  }
}
