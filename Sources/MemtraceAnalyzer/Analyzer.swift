// SPDX-License-Identifier: Apache-2.0
//
// The pipeline: trace in, report out. It alone introduces the trace to the symbolicator.

import Symbolication
import TraceFile

/// Makes a report of a trace.
package enum Analyzer {
  /// What an analysis is busy with, for a progress bar.
  package enum Phase: Hashable, Sendable {
    /// The part of the events that is read, 0 to 1.
    case reading(Double)
    case naming
  }

  /// The findings on `trace`, with names from the files its images were loaded from.
  package static func report(
    on trace: TraceFile, options: AnalysisOptions = AnalysisOptions(),
    progress: ((Phase) -> Void)? = nil
  ) throws -> LeakReport {
    var symbolicator = ElfSymbolicator(
      images: LoadedImage.images(of: trace), sysroot: options.sysroot,
      cache: options.usesNameCache ? .standard() : nil)
    var report = try report(on: trace, options: options, using: &symbolicator, progress: progress)
    report.warnings += ReportWarning.limited(symbolicator.warnings)
    return report
  }

  /// The findings on `trace`, with names from `symbolicator`, which must know the trace's images by
  /// their place in `trace.images`.
  package static func report(
    on trace: TraceFile, options: AnalysisOptions, using symbolicator: inout some Symbolicator,
    progress: ((Phase) -> Void)? = nil
  ) throws -> LeakReport {
    let interval = try Interval(options, in: trace)
    if let filter = options.filter { _ = try SiteFilter.compile(filter) }
    // Where the trace has none, its program may have left some.
    let map = trace.codeNames.isEmpty ? PerfMap(of: trace, root: options.sysroot) : nil
    let replay = try Replay(
      trace, from: interval.start, through: interval.end, options: options,
      history: GeneratedCodeHistory(map?.names ?? trace.codeNames),
      progress: progress.map { progress in { progress(.reading($0)) } })
    progress?(.naming)

    // Where names decide what is listed, all are needed first.
    let limit = options.needsAllNames ? nil : options.limit
    var resolver = StackResolver(
      stacks: trace.stacks, images: trace.images, meanings: replay.meanings)
    let sites = SiteSorter(replay.heap.usedSites(), order: options.order)
      .selected(limit: limit, clock: trace.clock, resolver: &resolver)
    let large = LargeAllocation.list(
      replay.heap, limit: limit, clock: trace.clock, resolver: &resolver)
    let mappings = MappingSummary(replay.mappings, limit: limit, resolver: &resolver)
    let frames = resolver.frames(using: &symbolicator)

    let summary = TraceSummary(trace, replay)
    var report = LeakReport(
      trace: summary, interval: interval.nanoseconds,
      isPartOfTrace: interval.isPart, heap: HeapSummary(trace, replay, interval),
      sites: sites.sites, selection: sites.selection, mappings: mappings,
      largeAllocations: large, largeAllocationCount: replay.heap.largeAllocations().totalCount,
      burstCount: replay.heap.burstLog().totalCount, largeThreshold: options.largeThreshold,
      burstThreshold: options.burstThreshold ?? options.largeThreshold,
      burstWindowNanoseconds: options.burstWindowNanoseconds,
      marks: trace.marks.map { MarkSummary($0, clock: trace.clock) },
      warnings: ReportWarning.list(trace, replay, summary), frames: frames)
    if let map { report.warnings.append(.perfMap(path: map.path)) }
    try report.select(options)
    return report
  }

  /// What is outstanding at the end of `trace`, without asking where it comes from.
  package static func outstandingBytes(of trace: TraceFile) throws -> UInt64 {
    let replay = try Replay(
      trace, from: Ticks(0), through: Ticks(.max), options: AnalysisOptions(),
      history: GeneratedCodeHistory([CodeName]()), progress: nil)
    return replay.heap.totals.outstandingBytes
  }
}
