// SPDX-License-Identifier: Apache-2.0
//
// What tests of the whole pipeline begin with: a trace under construction and names made up for it.

import MemtraceTestSupport
import TraceFile

@testable import MemtraceAnalyzer

/// A trace under construction, and the report on it.
final class AnalysisFixture {
  let builder: TraceBuilder
  let main: Window
  var symbolicator = FakeSymbolicator()

  init(pid: UInt32 = 4242) {
    builder = TraceBuilder(pid: pid)
    main = builder.window(thread: 1, name: "main")
  }

  func report(_ change: (inout AnalysisOptions) -> Void = { _ in }) throws -> LeakReport {
    var options = AnalysisOptions()
    change(&options)
    let file = try TemporaryTrace(builder)
    return try Analyzer.report(on: file.open(), options: options, using: &symbolicator)
  }
}
