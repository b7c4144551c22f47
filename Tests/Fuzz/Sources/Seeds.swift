// SPDX-License-Identifier: Apache-2.0
//
// What the fuzzers begin with where that is no text: small traces with something of every kind of
// chunk, and a table of names as the cache keeps it.

import CTraceFormat
import Glibc
import MemtraceTestSupport
import TraceFile

@testable import Symbolication

enum Seeds {
  /// Writes them into the folders `trace` and `name-table` of a folder that has them.
  static func write(to folder: String) {
    let traces = [
      "running": trace(state: MT_STATE_RECORDING), "exited": trace(state: MT_STATE_EXITED),
      "stopped": trace(state: MT_STATE_STOPPED), "empty": TraceBuilder(windowByteCount: 1024),
      "stackless": stackless,
    ]
    for (name, trace) in traces {
      // An even length: the checksums of its children are put right.
      let input = ZeroRuns.shortened(trace.bytes)
      write(input + (input.count % 2 == 0 ? [] : [0]), to: "\(folder)/trace/\(name)")
    }
    write(nameTable ?? [], to: "\(folder)/name-table/some")
  }

  private static func write(_ bytes: [UInt8], to path: String) {
    let file = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
    let count = bytes.withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
    close(file)
    precondition(count == bytes.count && count > 0, "cannot write \(path)")
  }

  private static func trace(state: mt_state) -> TraceBuilder {
    let trace = TraceBuilder(clock: .tsc(ticksPerMicrosecond: 2500), pid: 0, windowByteCount: 1024)
    trace.process(
      executable: "/bin/x", command: ["x", "y"], directory: "/", parentTrace: "/t", forkTicks: 5)
    trace.image("/lib/a.so", start: 0x1000, end: 0x2000, buildID: [1, 2], at: 1)
    let stacks = (1...6).map { trace.stack([$0, $0 % 3, 9], epoch: UInt32($0 % 2)) }
    let windows = (1...2).map { trace.window(thread: $0, name: "thread") }
    for round in UInt64(1)...24 {
      let window = windows[Int(round % 2)]
      window.malloc(
        0x5000 + round % 8 * 64, 40 * round, stack: stacks[Int(round % 6)], at: round * 10)
      if round % 3 == 0 { window.free(0x5000 + round % 8 * 64, at: round * 10 + 5) }
      if round % 5 == 0 { window.mmap(round << 16, 4096, stack: stacks[0], at: round * 10 + 6) }
      if round % 7 == 0 { window.munmap(round << 16, 4096, at: round * 10 + 7) }
      if round % 8 == 0 {
        window.foldedPeak(3000, at: round * 10 + 8)
        window.seal(folding: true)
        trace.mark("batch\(round / 8 - 1)", at: round * 10)
        trace.sample(at: round * 10, [.rssBytes: 5000 * round])
      }
    }
    trace.mark("mark", at: 50)
    trace.jsMemory(at: 61)
    trace.collection(at: 62, durationNanoseconds: 7)
    trace.codeNames("1000 20 name\n2000 2 *f /a.js:1:2\n", at: 70)
    trace.image("/lib/a.so", start: 0x1000, end: 0x2000, at: 80, event: MT_IMAGE_UNLOADED)
    trace.hole(byteCount: 96)
    if state != MT_STATE_RECORDING { trace.end(at: 300, state: state) }
    return trace
  }

  /// Code that changes, in a trace that has lost its stacks; and a block that no machine has.
  private static var stackless: TraceBuilder {
    let trace = TraceBuilder(windowByteCount: 1024)
    let window = trace.window(thread: 1, name: "thread")
    trace.codeNames("1000 20 before\n", at: 1)
    trace.codeNames("1000 20 after\n", at: 2)
    window.malloc(0x100, .max, at: 3)
    window.malloc(0x200, 5, stack: StackID(7), at: 4)
    window.free(0x200, at: 5)
    trace.end(at: 6)
    return trace
  }

  private static var nameTable: [UInt8]? {
    let inner = SourceFunction(
      name: "inner(int)", location: SourceLocation(file: "/a.c", line: 3, column: 9),
      isInlined: true)
    let outer = SourceFunction(
      name: "outer", location: SourceLocation(file: "/a.c", line: 7, column: nil))
    return NameTable.encoded(
      [(0x10, [inner, outer]), (0x20, [outer]), (0x30, [SourceFunction(name: nil)])], key: "key")
  }
}
