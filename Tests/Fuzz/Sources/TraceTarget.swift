// SPDX-License-Identifier: Apache-2.0
//
// A trace that may claim anything, and all that the commands make of it. In four targets, so that
// each has its share of the time: the report, the page with the timeline, the gate with the diff,
// the exports.

import CTraceFormat
import Symbolication
import SystemPackage
import TraceFile

@testable import MemtraceAnalyzer

enum TraceTarget {
  static func report(_ input: [UInt8]) {
    reading(input) { trace, symbolicator, output in
      var eventCount: UInt64 = 0
      let statistics = try trace.forEachEvent { _ in eventCount += 1 }
      // No event has fewer bytes than this.
      precondition(eventCount <= trace.fileByteCount / 2, "events out of nothing")
      var options = options
      options.treeDirection = input.count % 3 == 0 ? .topDown : nil
      let report = try Analyzer.report(on: trace, options: options, using: &symbolicator)
      JSONRenderer().render(report, to: output)
      options.treeDirection = nil
      options.groupKey = input.count % 3 == 1 ? .function : .stack
      options.mergesEqualNames = true
      options.limit = 10
      let forPeople = try Analyzer.report(on: trace, options: options, using: &symbolicator)
      TextRenderer().render(forPeople, to: output)
      MarkdownRenderer().render(forPeople, to: output)
      _ = trace.damage.map(\.description) + statistics.damage.map(\.description)
    }
  }

  static func page(_ input: [UInt8]) {
    reading(input) { trace, symbolicator, output in
      var options = options
      options.limit = HTMLRenderer.defaultSiteLimit
      options.mergesEqualNames = true
      options.listsFreedSites = true
      options.recordsMemory = true
      let report = try Analyzer.report(on: trace, options: options, using: &symbolicator)
      HTMLRenderer().render(report, to: output)
      var timelineOptions = TimelineOptions()
      timelineOptions.sysroot = noSysroot
      let timeline = try Analyzer.timeline(
        on: trace, options: timelineOptions, using: &symbolicator)
      TextTimeline().render(timeline, to: output)
      JSONTimeline().render(timeline, to: output)
      MarkdownInvestigation().render(timeline, to: output)
    }
  }

  static func gate(_ input: [UInt8]) {
    reading(input) { trace, symbolicator, output in
      var diffOptions = DiffOptions()
      diffOptions.sysroot = noSysroot
      diffOptions.from = trace.marks.first.map { .mark($0.name) }
      if let diff = try? Analyzer.diff(of: trace, options: diffOptions, using: &symbolicator) {
        TextDiff().render(diff, to: output)
        JSONDiff().render(diff, to: output)
      }
      var other = FuzzSymbolicator()
      let between = try Analyzer.diff(
        of: trace, and: trace, options: diffOptions, using: &symbolicator, &other)
      TextDiff().render(between, to: output)

      var options = CheckOptions()
      options.sysroot = noSysroot
      options.limits = [CheckLimit(.leakBytes, .site, 1), CheckLimit(.peakBytes, .site, 100)]
      options.batches = BatchMarks(prefix: "batch", iterationCount: 10)
      let check = { options in
        try Gate.check([trace, trace], options) {
          try Gate.examine($0, options, using: &other)
        }
      }
      let result: CheckResult
      do {
        result = try check(options)
      } catch is AnalysisError {
        options.batches = nil
        result = try check(options)
      }
      let renderers: [any CheckRenderer] = [
        CheckText(), CheckJSON(), CheckJUnit(), CheckTAP(), CheckGitHub(root: "/"),
        CheckSARIF(root: "/", version: "0"),
      ]
      for renderer in renderers { renderer.render(result, to: output) }
      SuppressionWriter.write(result.leaks, as: .valgrind, to: output)
      SuppressionWriter.write(result.leaks, as: .lsan, to: output)
      Baseline(of: result.leaks).write(to: output)
    }
  }

  static func exports(_ input: [UInt8]) {
    reading(input) { trace, symbolicator, output in
      for format in ExportFormat.allCases {
        var options = options
        options.order = format.order(for: .outstanding)
        let tables: [CSVTable] = format == .csv ? [.sites, .series, .samples] : [.sites]
        for table in tables {
          let source = try Analyzer.exportSource(
            of: trace, options: options, instantCount: format.instantCount(table),
            using: &symbolicator)
          try format.exporter(.outstanding, table: table).export(source, to: output)
        }
      }
    }
  }

  /// Nothing of the machine's is looked for.
  private static let noSysroot = "/nonexistent"

  private static var options: AnalysisOptions {
    var options = AnalysisOptions()
    options.usesNameCache = false
    options.sysroot = noSysroot
    options.largeThreshold = 1000
    options.burstThreshold = 500
    return options
  }

  private typealias Reading = (TraceFile, inout FuzzSymbolicator, ReportOutput) throws -> Void

  /// Opens the trace that `input` stands for, and hands it on; what is thrown has words.
  private static func reading(_ input: [UInt8], _ body: Reading) {
    var bytes = ZeroRuns.expanded(input)
    // A checksum that is wrong ends the way to what lies behind; so all are put right, but in
    // inputs of an odd length.
    if input.count % 2 == 0 { TraceChecksums.mend(&bytes) }
    guard let file = MemoryFile(bytes) else { return }
    Cost.bounded(bytes.count) {
      do {
        let trace = try TraceFile(path: FilePath(file.path))
        var symbolicator = FuzzSymbolicator()
        var writtenByteCount = 0
        let output = ReportOutput { writtenByteCount += $0.count }
        try body(trace, &symbolicator, output)
        try output.finish()
      } catch {
        _ = "\(error)"
      }
    }
  }
}
