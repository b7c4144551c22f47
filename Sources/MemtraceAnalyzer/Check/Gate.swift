// SPDX-License-Identifier: Apache-2.0
//
// The gate: traces of a run in, one verdict out. Each step takes what the last one made.

import Symbolication
import TraceFile

/// Checks the processes of a run, as one.
package enum Gate {
  /// What `options` ask of `traces`, judged together; `notRecorded` is the command that was run and
  /// left no trace; `signal` what killed the process of the first trace, where that is known.
  package static func check(
    _ traces: [TraceFile], _ options: CheckOptions, notRecorded: String? = nil,
    signal: Int32? = nil, progress: ((Analyzer.Phase) -> Void)? = nil
  ) throws -> CheckResult {
    try check(traces, options, notRecorded: notRecorded, signal: signal) { trace in
      var symbolicator = ElfSymbolicator(
        images: LoadedImage.images(of: trace), sysroot: options.sysroot,
        cache: options.usesNameCache ? .standard() : nil)
      return try examine(trace, options, using: &symbolicator, progress: progress)
    }
  }

  /// The same, with `examination` for what is found in one trace.
  static func check(
    _ traces: [TraceFile], _ options: CheckOptions, notRecorded: String? = nil,
    signal: Int32? = nil, examination: (TraceFile) throws -> TraceExamination
  ) throws -> CheckResult {
    var result = CheckResult(options: options)
    var suppressions = SuppressionSet(options)
    var sites: [CheckedSite] = []
    var growing: [GrowthOfTrace] = []
    for trace in traces {
      let examined = try examination(trace)
      let process = result.processes.count
      result.processes.append(CheckedProcess(examined.report))
      if process == 0 { result.processes[0].signal = signal }
      sites += examined.report.sites.map {
        CheckedSite($0, frames: examined.report.frames, process: process)
      }
      if let growth = examined.growth { growing.append(growth.ofProcess(process)) }
    }
    if let marks = options.batches {
      try requireMarks(marks, growing, in: traces)
      result.growth = GrowthOfTrace.merged(growing, marks, &suppressions)
    }
    let ended = sites.filter { site in
      site.processes.allSatisfy { result.processes[$0].hasEnding }
    }
    let merged = CheckedSite.merged(ended.filter { $0.outstandingCount > 0 })
    result.leaks = suppressions.unsuppressed(merged, withBuiltin: true)
    result.suppressions = suppressions.uses
    result.peakBytes = result.processes.map(\.peakBytes).max() ?? 0
    if let limit = options.limit(.peakBytes, .site) {
      result.peaks = CheckedSite.merged(sites.filter { Double($0.peakBytes) > limit.value })
    }
    if let baseline = options.baseline {
      result.baseline = BaselineComparison(of: result.leaks, with: baseline)
    }
    result.judge(notRecorded: notRecorded)
    return result
  }

  /// What one trace says, named.
  static func examine(
    _ trace: TraceFile, _ options: CheckOptions, using symbolicator: inout some Symbolicator,
    progress: ((Analyzer.Phase) -> Void)? = nil
  ) throws -> TraceExamination {
    var analysis = AnalysisOptions()
    analysis.onlyImages = options.onlyImages
    analysis.mergesEqualNames = true
    analysis.order = options.limit(.peakBytes, .site) == nil ? .outstanding : .peak
    analysis.sysroot = options.sysroot
    let report = try Analyzer.report(
      on: trace, options: analysis, using: &symbolicator, progress: progress)
    guard let marks = options.batches, let bounds = try marks.bounds(in: trace) else {
      return TraceExamination(report: report)
    }
    let growth = try GrowthOfTrace(
      trace, between: bounds, onlyImages: options.onlyImages, sysroot: options.sysroot,
      using: &symbolicator)
    return TraceExamination(report: report, growth: growth)
  }

  private static func requireMarks(
    _ marks: BatchMarks, _ growing: [GrowthOfTrace], in traces: [TraceFile]
  ) throws {
    guard growing.isEmpty, let trace = traces.first else { return }
    throw AnalysisError.noSuchMark(
      name: marks.prefix + "0", known: trace.marks.map(\.name))
  }
}

/// What is found in one trace, before it is judged with the others.
struct TraceExamination {
  var report: LeakReport
  /// nil where batches were not asked for, or are not in this trace.
  var growth: GrowthOfTrace?
}

extension BatchMarks {
  /// The fewest batches that tell growth from what happens once.
  static let fewestBatches = 2

  /// The instants between which the batches lie, first to last; nil where the trace has none.
  func bounds(in trace: TraceFile) throws(AnalysisError) -> [Ticks]? {
    var bounds: [Ticks] = []
    while let mark = trace.marks.last(where: { $0.name == prefix + String(bounds.count) }) {
      if let last = bounds.last, mark.ticks <= last { break }
      bounds.append(mark.ticks)
    }
    guard !bounds.isEmpty else { return nil }
    guard bounds.count - 1 >= Self.fewestBatches else {
      throw .tooFewBatches(prefix: prefix, found: bounds.count - 1, needed: Self.fewestBatches)
    }
    return bounds
  }
}
