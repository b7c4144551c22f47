// SPDX-License-Identifier: Apache-2.0

import MemtraceTestSupport
import Testing
import TraceFile

@Suite struct TraceThreadTests {
  @Test func threadsComeFromWindowsAndFromSealedWindows() throws {
    let trace = TraceBuilder()
    let first = trace.window(thread: 2, tid: 102, name: "worker", startTicks: 5)
    first.malloc(0x10, 1, at: 6)
    first.seal()
    first.takeOver(thread: 3, tid: 103, name: "later", startTicks: 8)
    first.malloc(0x20, 1, at: 9)
    trace.window(thread: 1, tid: 101, name: "main").malloc(0x30, 1, at: 1)
    #expect(
      try TemporaryTrace(trace).open().threads == [
        TraceThread(number: 1, tid: 101, name: "main", startTicks: Ticks(0)),
        TraceThread(number: 2, tid: 102, name: "worker", startTicks: Ticks(5)),
        TraceThread(number: 3, tid: 103, name: "later", startTicks: Ticks(8)),
      ])
  }

  @Test func aThreadHasTheNameItHadLast() throws {
    let trace = TraceBuilder()
    let window = trace.window(thread: 1, name: "node")
    for (ticks, name) in [(1, "MainThread"), (2, "renamed")] as [(UInt64, String)] {
      window.malloc(0x10, 1, at: ticks)
      window.seal()
      window.takeOver(thread: 1, name: name)
    }
    window.malloc(0x10, 1, at: 3)
    #expect(try TemporaryTrace(trace).open().threads.map(\.name) == ["renamed"])
  }
}
