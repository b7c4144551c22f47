// SPDX-License-Identifier: Apache-2.0
//
// node's own --trace-gc, printed by the run that is recorded, against what perf_hooks told of the
// same collections.

import Foundation
import MemtraceAnalyzer
import Testing
import TraceFile

@Suite(.enabled(if: Project.installed("node") != nil)) struct GCLogRecordingTests {
  @Test func theLogAndPerfHooksTellTheSame() throws {
    let run = try runTraced(
      Project.installed("node") ?? "node",
      ["--trace-gc", "\(Project.fixtures)/behaviour/js-garbage.js"])
    #expect(run.ending == .exited(0))
    let trace = try TraceFile(path: .init(run.directory.file("trace.bin")))
    let printed = try GCLog.collections(run.output, of: trace)
    let lines = run.output.split(separator: "\n").filter { $0.contains(" MB, ") }
    #expect(printed.count == Set(lines).count)
    // The main thread and the worker.
    #expect(Set(printed.map(\.threadID)) == [0, 1])

    // The program collects twice itself, at "begin" and "end".
    let told = trace.collections.filter { $0.threadID == 0 }
    let large = printed.filter { $0.threadID == 0 && $0.reason == "testing" }
    #expect(large.count == 2)
    for collection in told where collection.kind == .major {
      let nearest = try #require(
        large.min {
          milliseconds(from: $0, to: collection, in: trace)
            < milliseconds(from: $1, to: collection, in: trace)
        })
      // The log has whole milliseconds, and a busy machine may come between the two clocks' readings;
      // the two collections are a second apart.
      #expect(milliseconds(from: nearest, to: collection, in: trace) < 100)
    }
    #expect(told.contains { $0.kind == .major })
    #expect(printed.contains { $0.kind == .minor })
    for collection in printed {
      #expect((collection.heapUsedByteCountBefore ?? 0) > 1 << 20)
      #expect(collection.ticks <= trace.endTicks)
    }
  }

  private func milliseconds(
    from first: GarbageCollection, to second: GarbageCollection, in trace: TraceFile
  ) -> Double {
    let (first, second) = (
      trace.clock.nanoseconds(at: first.ticks), trace.clock.nanoseconds(at: second.ticks)
    )
    return Double(max(first, second) - min(first, second)) / 1e6
  }
}
