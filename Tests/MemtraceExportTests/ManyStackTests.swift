// SPDX-License-Identifier: Apache-2.0
//
// A program may have a hundred thousand stacks: no export takes much longer than a report for it.

import Foundation
import MemtraceTestSupport
import Symbolication
import Testing
import TraceFile

@testable import MemtraceAnalyzer

@Suite struct ManyStackTests {
  /// Of each of so many stacks of 20 frames, one block is left.
  private static let stackCount: UInt64 = 10_000
  /// Of a report's time; most take 1 to 9 (no compiler's optimization), massif took 67 once.
  private static let limit = 25.0

  private let file: TemporaryTrace
  private let trace: TraceFile

  init() throws {
    let builder = TraceBuilder(windowByteCount: 256 << 10)
    builder.image("/srv/app/bin/program", start: 0x10000, end: 0x90000)
    let window = builder.window(thread: 1, name: "main")
    // As of a program in which every call goes one of ten ways, four calls deep.
    for number in 0..<Self.stackCount {
      var way = number
      var stack: [UInt64] = []
      for level in 0..<4 as Range<UInt64> {
        stack.append(0x10000 + level * 0x1000 + (way % 10) * 0x40)
        way /= 10
      }
      stack += (0..<16 as Range<UInt64>).map { 0x80000 + $0 * 0x40 }
      let ticks = 1000 + number * 1000
      window.malloc(
        0x100_0000 + number * 64, 16 + number % 64, stack: builder.stack(stack), at: ticks)
      if number % 500 == 0 { window.seal() }
    }
    builder.end(at: 2000 + Self.stackCount * 1000)
    file = try TemporaryTrace(builder)
    trace = try file.open()
  }

  /// The processor time of a piece of work, in seconds; other tests run beside it.
  private func seconds(_ work: () throws -> Void) rethrows -> Double {
    func now() -> Double {
      var time = timespec()
      clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
      return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
    let start = now()
    try work()
    return now() - start
  }

  @Test(arguments: ExportFormat.allCases)
  func anExportTakesASmallMultipleOfAReport(format: ExportFormat) throws {
    var symbolicator = FakeSymbolicator()
    let report =
      try (0..<3).map { _ in
        try seconds {
          _ = try Analyzer.report(on: trace, options: AnalysisOptions(), using: &symbolicator)
        }
      }.min() ?? 0
    var options = AnalysisOptions()
    options.order = format.order(for: .outstanding)
    let export =
      try (0..<2).map { _ in
        try seconds {
          let source = try Analyzer.exportSource(
            of: trace, options: options, instantCount: format.instantCount(.sites),
            using: &symbolicator)
          let output = ReportOutput { _ in }
          try format.exporter(.outstanding).export(source, to: output)
          try output.finish()
        }
      }.min() ?? 0
    #expect(export < Self.limit * report, "\(export) s, a report \(report) s")
  }
}
