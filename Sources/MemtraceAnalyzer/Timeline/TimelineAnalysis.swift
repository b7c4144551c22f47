// SPDX-License-Identifier: Apache-2.0
//
// From a trace to its timeline: one pass over the events, names for what is listed, and then only
// arithmetic. A second pass, up to the peak, is made where there is a spike to take apart.

import Symbolication
import TraceFile

extension Analyzer {
  /// How memory moved in `trace`, with names from the files its images were loaded from.
  package static func timeline(
    on trace: TraceFile, options: TimelineOptions = TimelineOptions(),
    progress: ((Phase) -> Void)? = nil
  ) throws -> Timeline {
    var symbolicator = ElfSymbolicator(
      images: LoadedImage.images(of: trace), sysroot: options.sysroot,
      cache: options.usesNameCache ? .standard() : nil)
    var timeline = try timeline(
      on: trace, options: options, using: &symbolicator, progress: progress)
    timeline.warnings += ReportWarning.limited(symbolicator.warnings)
    return timeline
  }

  /// The same with names from `symbolicator`, which must know the trace's images by their place in
  /// `trace.images`.
  package static func timeline(
    on trace: TraceFile, options: TimelineOptions, using symbolicator: inout some Symbolicator,
    progress: ((Phase) -> Void)? = nil
  ) throws -> Timeline {
    let plan = try TimelinePlan(trace, options)
    var analysis = AnalysisOptions()
    analysis.largeThreshold = options.largeThreshold ?? largeThreshold(of: trace)
    let map = trace.codeNames.isEmpty ? PerfMap(of: trace, root: options.sysroot) : nil
    let replay = try Replay(
      trace, from: Ticks(0), through: plan.interval.end, options: analysis,
      history: GeneratedCodeHistory(map?.names ?? trace.codeNames),
      recorder: plan.recorder, progress: progress.map { progress in { progress(.reading($0)) } })
    progress?(.naming)
    let large = LargeFinding.list(replay.heap)
      .filter { $0.isWithin(plan.interval.start, plan.end) }
    return try timeline(
      plan, on: trace, options: options, replay, map, large: large, using: &symbolicator)
  }

  /// The timeline of `trace` from a pass over its events with the recorder of `plan`.
  ///
  /// `large` are those that it is to list, `division` knows what there was at the highest instant of
  /// all.
  static func timeline(
    _ plan: TimelinePlan, on trace: TraceFile, options: TimelineOptions, _ replay: borrowing Replay,
    _ map: PerfMap?, large: [LargeFinding] = [], division: PeakDivision? = nil,
    using symbolicator: inout some Symbolicator
  ) throws -> Timeline {
    var draft = TimelineDraft(
      trace, replay.siteHistory, grid: plan.exact.grid, options: options)
    if let peak = draft.peakToTakeApart {
      draft.atPeak =
        if let division, division.peakTicks == peak {
          division.atPeak()
        } else {
          try SiteHistory(of: trace, at: [peak], codeNames: map?.names ?? trace.codeNames)
        }
    }
    let resolver = StackResolver(
      draft.stacks + large.map(\.stack), meanings: replay.meanings)
    let frames = resolver.frames(using: &symbolicator)
    draft.name(with: resolver, frames)

    let summary = TraceSummary(trace, replay)
    var timeline = draft.timeline(
      summary, interval: plan.interval.nanoseconds, isPart: plan.interval.isPart, frames: frames)
    timeline.events = events(large, plan.marks, trace.clock, resolver)
    timeline.operations = plan.marks.operations(draft.history, trace, resolver)
    timeline.collector = CollectorPressure(
      options.collections ?? trace.collections, in: trace.clock, draft.series, timeline.judged)
    timeline.warnings = ReportWarning.list(trace, replay, summary)
    if let map { timeline.warnings.append(.perfMap(path: map.path)) }
    timeline.judge()
    return timeline
  }

  private static func largeThreshold(of trace: TraceFile) -> UInt64 {
    let peak = trace.samples.compactMap { $0[.rssBytes] }.max() ?? 0
    return min(max(peak / 20, 1 << 20), LargeAllocationLog.defaultThreshold)
  }

  /// Most events of each kind; of allocations those are the largest.
  private static let eventLimit = 1000

  private static func events(
    _ large: [LargeFinding], _ marks: OperationMarks, _ clock: TraceClock,
    _ resolver: StackResolver
  ) -> [TimelineEvent] {
    let allocations = large.prefix(eventLimit).map {
      TimelineEvent(kind: .large(LargeAllocation($0, clock: clock, resolver: resolver)))
    }
    let named = marks.marks.prefix(eventLimit).map {
      TimelineEvent(kind: .mark(MarkSummary($0, clock: clock)))
    }
    return (allocations + named).sorted { $0.nanoseconds < $1.nanoseconds }
  }
}

/// Which time a timeline is of, and at which instants it looks.
struct TimelinePlan {
  let interval: Interval
  /// Of the interval, where the trace has not ended before.
  let end: Ticks
  let exact: ExactInstants
  let marks: OperationMarks

  init(_ trace: TraceFile, _ options: TimelineOptions) throws {
    var analysis = AnalysisOptions()
    analysis.from = options.from
    analysis.to = options.to
    interval = try Interval(analysis, in: trace)
    end = min(interval.end, max(trace.endTicks, interval.start))
    exact = ExactInstants(trace, from: interval.start, through: end, options.instantCount)
    marks = OperationMarks(trace, from: interval.start, through: end)
  }

  /// Writes down what it needs of a pass over the events.
  var recorder: HistoryRecorder {
    HistoryRecorder(
      at: exact.instants + marks.instants, splitsCohorts: false,
      changeLimit: HistoryRecorder.defaultChangeLimit)
  }
}

extension LargeFinding {
  fileprivate func isWithin(_ start: Ticks, _ end: Ticks) -> Bool {
    switch self {
    case .single(let entry): start <= entry.ticks && entry.ticks <= end
    case .burst(let burst): start <= burst.endTicks && burst.ticks <= end
    }
  }
}

extension CollectorPressure {
  /// nil without collections.
  init?(
    _ all: [GarbageCollection], in clock: TraceClock, _ series: TimelineSeries,
    _ span: ClosedRange<UInt64>
  ) {
    let collections = all.filter { span.contains(clock.nanoseconds(at: $0.ticks)) }
    guard !collections.isEmpty else { return nil }
    spanNanoseconds = span.upperBound - span.lowerBound
    for collection in collections {
      switch collection.kind {
      case .minor, .minorMarkSweep: minorCount += 1
      case .major: majorCount += 1
      case .incremental, .weakCallbacks, .other: otherCount += 1
      }
      totalNanoseconds &+= collection.durationNanoseconds
      longestNanoseconds = max(longestNanoseconds, collection.durationNanoseconds)
    }
    for (index, time) in series.nanoseconds.enumerated() where span.contains(time) {
      allocatedBytes &+= series.allocatedBytes[index]
    }
    let major = collections.filter { $0.kind == .major }.compactMap(\.heapUsedByteCountAfter)
    (firstUsedBytes, lastUsedBytes) = (major.first, major.last)
  }
}
