// SPDX-License-Identifier: Apache-2.0
//
// Lines of --trace-gc as several versions of node print them.

import MemtraceAnalyzer
import MemtraceTestSupport
import Testing
import TraceFile

@Suite struct GCLogTests {
  /// Lines as they were printed, and what they say.
  private static let lines: [(String, GarbageCollection.Kind, Double, Double, Double, String?)] = [
    // node 10 to 16
    (
      "[4242:0x2c8a1c0]       45 ms: Scavenge 2.5 (3.0) -> 2.0 (4.0) MB, 0.8 / 0.0 ms  "
        + "(average mu = 1.000, current mu = 1.000) allocation failure ",
      .minor, 44.2, 2.5, 2, "allocation failure"
    ),
    (
      "[4242:0x2c8a1c0]      136 ms: Mark-sweep 10.0 (12.0) -> 8.0 (15.0) MB, 1.5 / 0.0 ms  "
        + "(+ 0.2 ms in 3 steps since start of marking, biggest step 0.1 ms, walltime since start "
        + "of marking 10 ms) (average mu = 1.000, current mu = 1.000) finalize incremental "
        + "marking via stack guard GC in old space requested",
      .major, 134.5, 10, 8,
      "finalize incremental marking via stack guard GC in old space requested"
    ),
    // node 18
    (
      "[4242:0x2c8a1c0]      136 ms: Mark-sweep (reduce) 10.0 (12.0) -> 8.0 (15.0) MB, "
        + "1.5 / 0.0 ms  (average mu = 1.000, current mu = 1.000) testing GC in old space requested",
      .major, 134.5, 10, 8, "testing GC in old space requested"
    ),
    // node 20
    (
      "[16626:0x7f92b4000f00]      356 ms: Mark-Compact (reduce) 15.5 (47.6) -> 3.5 (37.5) MB, "
        + "1.25 / 0.00 ms  (+ 0.1 ms in 2 steps since start of marking, biggest step 0.1 ms, "
        + "walltime since start of marking 6 ms) (average mu = 1.000, current mu = 1.000) finalize "
        + "incremental marking via task; GC in old space requested",
      .major, 354.75, 15.5, 3.5, "finalize incremental marking via task"
    ),
    // node 22 and 24
    (
      "[116552:0x3a4a2000]   350628 ms: Scavenge 520.0 (556.6) -> 488.5 (556.9) MB, pooled: 48 MB, "
        + "8.75 / 4.92 ms  (average mu = 0.992, current mu = 0.998) allocation failure;",
      .minor, 350_619.25, 520, 488.5, "allocation failure"
    ),
    (
      "[35300:00000181087F3000]   582490 ms: Scavenge (interleaved) 3959.5 (4121.2) -> 3959.5 "
        + "(4121.2) MB, pooled: 0.0 MB, 6.75 / 0.00 ms  (average mu = 0.223, current mu = 0.079) "
        + "allocation failure;",
      .minor, 582_483.25, 3959.5, 3959.5, "allocation failure"
    ),
    // Cut off, as V8 does when it dies; a tool's prefix; another kind.
    (
      "web: [547229:0x5ef986310000]    21250 ms: Mark-Compact (reduce) 1399.0 (1426.6) -> 1398.5 "
        + "(1425.4) MB, pooled: 0 MB, 183.25 / 0.00 ms  (+ 0.4 ms in 0 steps",
      .major, 21_066.75, 1399, 1398.5, nil
    ),
    (
      "[4242:0x1]       45 ms: Minor Mark-Sweep 2.5 (3.0) -> 2.0 (4.0) MB, 0.5 / 0.0 ms  (average "
        + "mu = 1.000, current mu = 1.000) task;",
      .minorMarkSweep, 44.5, 2.5, 2, "task"
    ),
  ]

  @Test(arguments: lines.indices)
  func aLineOfEveryVersionIsRead(_ index: Int) throws {
    let (line, kind, begin, before, after, reason) = Self.lines[index]
    let collections = GCLog.collections("noise\n\(line)\n", clock: TraceClock())
    #expect(collections.count == 1)
    let collection = try #require(collections.first)
    #expect(collection.kind == kind)
    #expect(abs(Double(collection.ticks.rawValue) / 1e6 - begin) < 0.001)
    #expect(collection.heapUsedByteCountBefore == UInt64(before * 1_048_576))
    #expect(collection.heapUsedByteCountAfter == UInt64(after * 1_048_576))
    #expect(collection.reason == reason)
    #expect(collection.threadID == 0)
  }

  @Test func whatIsNoCollectionIsPassedOver() {
    let text = """
      [1:2] 3 ms: Scavenge
      [1:2] x ms: Scavenge 2.5 (3.0) -> 2.0 (4.0) MB, 0.8 / 0.0 ms
      [] -> / ms:
      ]][[ 5 ms: -> 1 / 2
      [4242:0x1] 45 ms: Scavenge 1e400 (3.0) -> nan (4.0) MB, -1 / 0.0 ms
      [4242:0x1] 45 ms: Scavenge 2.5 (3.0) -> 2.0
      listening on [::]:8080
      \u{0}\u{0}]\u{0}[
      """
    #expect(GCLog.collections(text, clock: TraceClock()).isEmpty)
    #expect(GCLog.collections("", clock: TraceClock()).isEmpty)
  }

  private func line(_ isolate: String, _ milliseconds: Int, pid: Int = 7) -> String {
    "[\(pid):\(isolate)] \(milliseconds) ms: Scavenge 2.5 (3.0) -> 2.0 (4.0) MB, 0.0 / 0.0 ms "
  }

  private func milliseconds(_ collections: [GarbageCollection]) -> [Int] {
    collections.map { Int($0.ticks.rawValue / 1_000_000) }
  }

  @Test func aWorkersTimeFollowsFromItsPlaceAmongTheOthers() {
    // The worker began at 100 ms of the main isolate's time.
    let text = [
      line("0xa", 50), line("0xa", 120), line("0xb", 21), line("0xa", 130), line("0xb", 31),
      line("0xa", 200),
    ].joined(separator: "\n")
    let collections = GCLog.collections(text, clock: TraceClock())
    #expect(collections.map(\.threadID) == [0, 0, 1, 0, 1, 0])
    #expect(milliseconds(collections) == [50, 120, 120, 130, 130, 200])
  }

  @Test func theMainIsolateIsTheOneThatBeganFirstWhicheverPrintsFirst() {
    let text = [line("0xb", 20), line("0xa", 350), line("0xb", 30)].joined(separator: "\n")
    let collections = GCLog.collections(text, clock: TraceClock())
    #expect(collections.map(\.threadID) == [1, 0, 1])
    #expect(milliseconds(collections) == [350, 350, 360])
  }

  @Test func anIsolateBeganWhenItsBlockDid() throws {
    let builder = TraceBuilder()
    let stack = builder.stack([0x1000])
    let main = builder.window(thread: 1)
    main.malloc(0xa000, 60_000, stack: stack, at: 30_000_000)
    // Another block was at the worker's place before, and a worker that ended.
    main.malloc(0xb000, 9000, stack: stack, at: 40_000_000)
    main.free(0xb000, at: 41_000_000)
    main.malloc(0xb000, 60_000, stack: stack, at: 100_000_000)
    main.free(0xb000, at: 140_000_000)
    main.malloc(0xb000, 60_000, stack: stack, at: 150_000_000)
    builder.end(at: 500_000_000)
    let text = [
      line("0xa000", 50), line("0xb000", 21), line("0xa000", 110), line("0xb000", 8),
      line("0xa000", 200),
    ].joined(separator: "\n")
    let collections = try GCLog.collections(text, of: TemporaryTrace(builder).open())
    #expect(milliseconds(collections) == [80, 121, 140, 158, 230])
    #expect(collections.map(\.threadID) == [0, 1, 0, 2, 0])
  }

  @Test func whatIsPrintedTwiceHappenedOnce() {
    let text = [line("0xa", 50), "<--- Last few GCs --->", line("0xa", 50)].joined(separator: "\n")
    #expect(GCLog.collections(text, clock: TraceClock()).count == 1)
  }

  @Test func otherProcessesAreLeftOutUnlessThereAreOnlyOthers() {
    let text = [line("0xa", 50, pid: 1), line("0xb", 60, pid: 2)].joined(separator: "\n")
    let own = GCLog.collections(text, clock: TraceClock(), pid: 2)
    #expect(own.map { $0.ticks.rawValue } == [60_000_000])
    #expect(GCLog.collections(text, clock: TraceClock(), pid: 3).count == 2)
  }
}
