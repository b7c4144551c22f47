// SPDX-License-Identifier: Apache-2.0
//
// The gate on traces made in memory: batches, code that V8 makes anew, several processes.

import CTraceFormat
import MemtraceTestSupport
import Symbolication
import Testing
import TraceFile

@testable import MemtraceAnalyzer

/// A trace of one process with batches, and its names.
private final class BatchTrace {
  let builder: TraceBuilder
  let main: Window
  var symbolicator = FakeSymbolicator()
  private var time: UInt64 = 0
  private var address: UInt64 = 0x1000

  init(pid: UInt32 = 4242) {
    builder = TraceBuilder(pid: pid, windowByteCount: 256 << 10)
    main = builder.window(thread: 1, name: "main")
    builder.image("/app/addon.node", start: 0x1000, end: 0x2000)
    builder.image("/usr/bin/node", start: 0x2000, end: 0x3000)
    builder.codeNames(
      """
      70000000 100 JS:~work /app/test.js:3:1
      70001000 100 JS:*work /app/test.js:3:1
      70002000 100 JS:~test /app/test.js:4:1

      """, at: 0)
    symbolicator.name(Self.lose, "lose", "/src/addon.c", line: 7, image: "/app/addon.node")
    symbolicator.name(Self.call, "napi_call", image: "/usr/bin/node")
    symbolicator.name(Self.start, "node::Start", image: "/usr/bin/node")
  }

  static let lose: UInt64 = 0x1010
  static let call: UInt64 = 0x2020
  static let start: UInt64 = 0x2050
  static let cold: UInt64 = 0x7000_0010
  static let hot: UInt64 = 0x7000_1010
  static let test: UInt64 = 0x7000_2010

  func stack(_ addresses: UInt64...) -> StackID { builder.stack(addresses) }

  func mark(_ number: Int) {
    time += 1
    builder.mark("b\(number)", at: time)
  }

  /// Blocks of 24 bytes that are never freed.
  func lose(_ count: Int, _ stack: StackID) {
    for _ in 0..<count {
      time += 1
      address += 32
      main.malloc(address, 24, stack: stack, at: time)
    }
  }

  func end(state: mt_state = MT_STATE_EXITED) { builder.end(at: time + 1, state: state) }
}

@Suite struct GateTests {
  private func check(
    _ traces: [BatchTrace], _ change: (inout CheckOptions) -> Void = { _ in }
  ) throws -> CheckResult {
    var options = CheckOptions()
    change(&options)
    let files = try traces.map { try TemporaryTrace($0.builder) }
    var index = 0
    return try Gate.check(files.map { try $0.open() }, options) { trace in
      defer { index += 1 }
      return try Gate.examine(trace, options, using: &traces[index].symbolicator)
    }
  }

  private func growth(_ traces: [BatchTrace], iterations: UInt64 = 10) throws -> Growth {
    try #require(
      check(traces) { $0.batches = BatchMarks(prefix: "b", iterationCount: iterations) }.growth)
  }

  @Test func codeThatIsCompiledAgainIsTheSameStack() throws {
    let trace = BatchTrace()
    let cold = trace.stack(BatchTrace.lose, BatchTrace.call, BatchTrace.cold, BatchTrace.start)
    let hot = trace.stack(BatchTrace.lose, BatchTrace.call, BatchTrace.hot, BatchTrace.start)
    for batch in 0..<6 {
      trace.mark(batch)
      trace.lose(10, batch < 3 ? cold : hot)
    }
    trace.mark(6)
    trace.end()
    let growth = try growth([trace])
    #expect(growth.sites.map(\.site.outstandingCount) == [60])
    #expect(growth.blocksPerIteration == 1)
    #expect(growth.bytesPerIteration == 24)
  }

  @Test(arguments: [1, 2, 3, 4, 5])
  func aFunctionThatIsInlinedInTheMiddleChangesNothing(from inlined: Int) throws {
    let trace = BatchTrace()
    let whole = trace.stack(
      BatchTrace.lose, BatchTrace.call, BatchTrace.cold, BatchTrace.test, BatchTrace.start)
    let without = trace.stack(BatchTrace.lose, BatchTrace.call, BatchTrace.test, BatchTrace.start)
    for batch in 0..<6 {
      trace.mark(batch)
      trace.lose(batch == inlined ? 4 : 0, whole)
      trace.lose(batch == inlined ? 6 : 0, without)
      if batch != inlined { trace.lose(10, batch < inlined ? whole : without) }
    }
    trace.mark(6)
    trace.end()
    let growth = try growth([trace])
    #expect(growth.sites.map(\.site.outstandingCount) == [60])
    #expect(growth.sites.first?.batches.map(\.blockCount) == [10, 10, 10, 10, 10, 10])
  }

  @Test func aCacheBesideALeakOfTheSameFunctionIsNotCountedWithIt() throws {
    let trace = BatchTrace()
    let leak = trace.stack(BatchTrace.lose, BatchTrace.call, BatchTrace.cold, BatchTrace.start)
    let cache = trace.stack(BatchTrace.lose, BatchTrace.call, BatchTrace.test, BatchTrace.start)
    for batch in 0..<6 {
      trace.mark(batch)
      trace.lose(10, leak)
      trace.lose(batch < 2 ? 40 : 0, cache)
    }
    trace.mark(6)
    trace.end()
    let growth = try growth([trace])
    #expect(growth.sites.map(\.site.outstandingCount) == [60])
    #expect(growth.settledSiteCount == 1)
  }

  @Test func processesWithTheSameBatchesGrowTogether() throws {
    let traces = [BatchTrace(pid: 1), BatchTrace(pid: 2), BatchTrace(pid: 3)]
    for trace in traces {
      // One has no marks, and so nothing to say about growth.
      for batch in 0..<5 {
        if trace !== traces[2] { trace.mark(batch) }
        trace.lose(
          10, trace.stack(BatchTrace.lose, BatchTrace.call, BatchTrace.cold, BatchTrace.start))
      }
      if trace !== traces[2] { trace.mark(5) }
      trace.end()
    }
    let growth = try growth(traces)
    #expect(growth.sites.map(\.site.outstandingCount) == [100])
    #expect(growth.sites.first?.site.processes == [0, 1])
    #expect(growth.blocksPerIteration == 2)
  }

  @Test func tooFewOrNoMarksAreSaid() throws {
    let trace = BatchTrace()
    trace.mark(0)
    trace.mark(1)
    trace.end()
    #expect(throws: AnalysisError.tooFewBatches(prefix: "b", found: 1, needed: 2)) {
      try growth([trace])
    }
    let unmarked = BatchTrace()
    unmarked.end()
    #expect(throws: AnalysisError.noSuchMark(name: "b0", known: [])) { try growth([unmarked]) }
  }

  @Test func leaksOfSeveralProcessesAreAddedUpByStack() throws {
    let traces = [BatchTrace(pid: 1), BatchTrace(pid: 2)]
    for (index, trace) in traces.enumerated() {
      trace.lose(
        2 + index, trace.stack(BatchTrace.lose, BatchTrace.call, BatchTrace.cold, BatchTrace.start))
      trace.lose(4, trace.stack(BatchTrace.start))
      trace.end()
    }
    let result = try check(traces)
    #expect(result.leaks.map(\.outstandingCount) == [5])
    #expect(result.failures == [.leak(site: 0, byteCount: 5 * 24, blockCount: 5)])
    #expect(result.suppressions.reduce(0) { $0 + $1.blockCount } == 8)
    #expect(try check(traces) { $0.onlyImages = ["*.so"] }.passed)
  }

  @Test func aProcessThatDiedIsAFailureAndItsBlocksAreNoLeaks() throws {
    let trace = BatchTrace(pid: 0x3fff_ffff)
    trace.lose(2, trace.stack(BatchTrace.lose))
    trace.end(state: MT_STATE_RECORDING)
    let result = try check([trace])
    #expect(result.failures == [.died(process: 0)])
    #expect(result.leaks.isEmpty)
    #expect(try check([trace]) { $0.allowsKilled = true }.passed)
    trace.end(state: MT_STATE_STOPPED)
    #expect(try check([trace]).failures == [.incomplete(process: 0)])
    trace.end()
    trace.builder.lose(events: 1)
    #expect(try check([trace]).failures.contains(.incomplete(process: 0)))
  }

  @Test func limitsAloneDecideWhatTheyAreOf() throws {
    let trace = BatchTrace()
    trace.lose(2, trace.stack(BatchTrace.lose))
    trace.end()
    #expect(try check([trace]) { $0.limits = [CheckLimit(.peakBytes, .total, 48)] }.passed)
    let result = try check([trace]) { $0.limits = [CheckLimit(.peakBytes, .total, 47)] }
    #expect(result.failures == [.total(CheckLimit(.peakBytes, .total, 47), measured: 48)])
    #expect(
      try check([trace]) {
        $0.limits = [CheckLimit(.peakBytes, .total, 48), CheckLimit(.leakBytes, .total, 47)]
      }.failures.map(\.kind) == [.limit])
  }
}
