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
    try analyze(trace, options: options, using: &symbolicator, progress: progress).report
  }

  /// The findings, and beside them all sites that match, in order.
  private static func analyze(
    _ trace: TraceFile, options: AnalysisOptions, using symbolicator: inout some Symbolicator,
    progress: ((Phase) -> Void)?
  ) throws -> (report: LeakReport, sites: SiteStream, history: ExportHistory?) {
    let interval = try Interval(options, in: trace)
    if let filter = options.filter { _ = try SiteFilter.compile(filter) }
    // Where the trace has none, its program may have left some.
    let map = trace.codeNames.isEmpty ? PerfMap(of: trace, root: options.sysroot) : nil
    let page = options.recordsMemory ? try PagePlan(trace, interval, options) : nil
    let shared = page.flatMap { $0.sharesPass ? $0 : nil }
    let replay = try Replay(
      trace, from: interval.start, through: interval.end, countingThrough: interval.last,
      options: options,
      history: GeneratedCodeHistory(map?.names ?? trace.codeNames),
      recorder: shared?.timeline.recorder
        ?? HistoryRecorder(
          at: ExportHistory.instants(interval, in: trace, count: options.instantCount),
          splitsCohorts: false, changeLimit: HistoryRecorder.defaultChangeLimit),
      cohorts: shared?.cohorts,
      progress: progress.map { progress in { progress(.reading($0)) } })
    progress?(.naming)

    let (findings, resolver, frames) = try named(replay, options: options, using: &symbolicator)

    let clock = trace.clock
    let summary = TraceSummary(trace, replay)
    var report = LeakReport(
      trace: summary, interval: interval.nanoseconds,
      isPartOfTrace: interval.isPart, aliveAtNanoseconds: interval.aliveAtNanoseconds,
      heap: HeapSummary(trace, replay, interval),
      sites: options.holdsSites
        ? findings.sites.first(options.limit).map { Site($0, clock: clock, resolver: resolver) }
        : [],
      selection: findings.selection,
      mappings: MappingSummary(
        replay.mappings, findings, limit: options.limit, resolver: resolver),
      largeAllocations: findings.large.prefix(options.limit ?? .max).map {
        LargeAllocation($0, clock: clock, resolver: resolver)
      },
      largeAllocationCount: replay.heap.largeAllocations().totalCount,
      burstCount: replay.heap.burstLog().totalCount, largeThreshold: options.largeThreshold,
      burstThreshold: options.burstThreshold ?? options.largeThreshold,
      burstWindowNanoseconds: options.burstWindowNanoseconds,
      marks: trace.marks.map { MarkSummary($0, clock: clock) },
      warnings: ReportWarning.list(trace, replay, summary), frames: frames)
    if let map { report.warnings.append(.perfMap(path: map.path)) }
    if let page {
      try page.add(
        to: &report, trace, replay, sites: SitePlaces(report.sites, frames, resolver), map,
        using: &symbolicator)
    }
    // One after the other: a million stacks as lists are too much at once.
    let all = SiteStream(
      totals: options.needsAllStacks || !options.holdsSites ? findings.sites.first(nil) : [],
      clock: clock, resolver: resolver)
    if options.needsAllStacks { report.layOut(all, options) }
    let history =
      options.instantCount > 0
      ? ExportHistory(replay.siteHistory, of: all, isFiltered: options.hasFilter, interval) : nil
    return (report, all, history)
  }

  /// What an export of `trace` is made of: its sites as a report has them that lists all.
  ///
  /// `instantCount`: at how many instants it is to know what each site held (`ExportFormat`).
  package static func exportSource(
    of trace: TraceFile, options: AnalysisOptions, instantCount: Int = 0,
    progress: ((Phase) -> Void)? = nil
  ) throws -> ExportSource {
    var symbolicator = ElfSymbolicator(
      images: LoadedImage.images(of: trace), sysroot: options.sysroot,
      cache: options.usesNameCache ? .standard() : nil)
    var source = try exportSource(
      of: trace, options: options, instantCount: instantCount, using: &symbolicator,
      progress: progress)
    source.report.warnings += ReportWarning.limited(symbolicator.warnings)
    return source
  }

  /// The same with names from `symbolicator`.
  package static func exportSource(
    of trace: TraceFile, options: AnalysisOptions, instantCount: Int = 0,
    using symbolicator: inout some Symbolicator, progress: ((Phase) -> Void)? = nil
  ) throws -> ExportSource {
    var options = options
    options.instantCount = instantCount
    options.limit = nil
    options.holdsSites = false
    let (report, sites, history) = try analyze(
      trace, options: options, using: &symbolicator, progress: progress)
    var source = ExportSource(report: report, sites: sites, trace: trace)
    source.history = history
    return source
  }

  /// What `replay` found that matches, with the stacks of all that is to be listed.
  private static func named(
    _ replay: borrowing Replay, options: AnalysisOptions,
    using symbolicator: inout some Symbolicator
  ) throws -> (Findings, StackResolver, FrameTable) {
    var findings = Findings(
      replay, order: options.order, listsFreedSites: options.listsFreedSites)
    let mergesStacks = replay.meanings.images.hasEpochs && !options.mergesEqualNames
    // Where names decide what is listed, all are needed first.
    let limit = options.needsAllNames ? nil : options.limit
    var resolver = StackResolver(
      findings.stacks(limit: mergesStacks ? nil : limit), meanings: replay.meanings)
    if mergesStacks {
      findings.mergeEqualStacks(resolver)
      if limit != nil {
        resolver = StackResolver(findings.stacks(limit: limit), meanings: replay.meanings)
      }
    }
    let frames = resolver.frames(using: &symbolicator)
    if options.mergesEqualNames { findings.mergeEqualNames(frames, resolver) }
    if options.hasFilter {
      findings.keep(matching: try SiteFilter(options), frames, resolver)
    }
    return (findings, resolver, frames)
  }

  /// What is outstanding at the end of `trace`, without asking where it comes from.
  package static func outstandingBytes(of trace: TraceFile) throws -> UInt64 {
    let replay = try Replay(
      trace, from: Ticks(0), through: Ticks(.max), options: AnalysisOptions(),
      history: GeneratedCodeHistory([CodeName]()), progress: nil)
    return replay.heap.totals.outstandingBytes
  }
}
