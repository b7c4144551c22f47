// SPDX-License-Identifier: Apache-2.0
//
// Small traces with something of every kind of chunk: what the fuzzer of the reader begins with.

import CTraceFormat
import Glibc
import MemtraceTestSupport
import TraceFile

enum SeedTraces {
  /// Writes them into a folder that exists.
  static func write(to folder: String) {
    let seeds = [
      "running": trace(state: MT_STATE_RECORDING), "exited": trace(state: MT_STATE_EXITED),
      "stopped": trace(state: MT_STATE_STOPPED), "empty": TraceBuilder(windowByteCount: 1024),
    ]
    for (name, trace) in seeds {
      // An even length: the fuzzer puts the checksums of its children right.
      let bytes = trace.bytes + (trace.bytes.count % 2 == 0 ? [] : [0])
      let file = open("\(folder)/\(name)", O_WRONLY | O_CREAT | O_TRUNC, 0o600)
      guard file >= 0 else { continue }
      _ = bytes.withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
      close(file)
    }
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
      if round % 8 == 0 { window.seal(folding: true) }
    }
    trace.mark("mark", at: 50)
    trace.sample(at: 60, [.rssBytes: 5])
    trace.codeNames("1000 20 name\n2000 2 *f /a.js:1:2\n", at: 70)
    trace.image("/lib/a.so", start: 0x1000, end: 0x2000, at: 80, event: MT_IMAGE_UNLOADED)
    trace.hole(byteCount: 96)
    if state != MT_STATE_RECORDING { trace.end(at: 300, state: state) }
    return trace
  }
}
