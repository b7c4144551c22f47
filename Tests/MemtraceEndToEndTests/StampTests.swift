// SPDX-License-Identifier: Apache-2.0
//
// Events that share a stamp with the one before stay on their side of every mark, and a stamp is
// never from before a pause.

import Testing
import TraceFile

@Suite struct StampTests {
  private static let fixture = Fixture(source: "bursts.c", optimization: ["-O2"])
  /// No size that anything else in the process has.
  private static func byteCount(_ burst: Int) -> UInt64 { 3001 + 2 * UInt64(burst) }
  private static let blocksABurst = 50

  /// The instants of the blocks of each burst, in order of time.
  private func bursts(_ count: Int, in trace: TraceFile) throws -> [[Ticks]] {
    var instants: [UInt64: [Ticks]] = [:]
    _ = try trace.forEachEvent { event in
      if event.kind == .allocated { instants[event.byteCount, default: []].append(event.ticks) }
    }
    let bursts = (1...count).map { instants[Self.byteCount($0)] ?? [] }
    #expect(bursts.allSatisfy { $0.count == Self.blocksABurst })
    return bursts
  }

  @Test func aMarkDividesTheEventsOfAllThreads() throws {
    let count = 500
    let run = try runTraced(Self.fixture.path(), ["marks", "\(count)"])
    #expect(run.ending == .exited(0))
    let trace = try TraceFile(path: .init(run.directory.file("trace.bin")))
    let bursts = try bursts(count, in: trace)
    let marks = trace.marks.map(\.ticks)
    try #require(marks.count == count)
    for (index, burst) in bursts.enumerated() {
      let first = try #require(burst.first)
      let last = try #require(burst.last)
      #expect(first > marks[index], "burst \(index + 1)")
      if index + 1 < count { #expect(last < marks[index + 1], "burst \(index + 1)") }
    }
  }

  @Test func aStampIsNotFromBeforeAPause() throws {
    let count = 5
    let run = try runTraced(Self.fixture.path(), ["pauses", "\(count)"])
    #expect(run.ending == .exited(0))
    let starts = run.output.split(separator: "\n").compactMap { UInt64($0) }
    try #require(starts.count == count)
    let trace = try TraceFile(path: .init(run.directory.file("trace.bin")))
    // A tick of the kernel's is a tenth of this, if nobody takes the processor away.
    let slack: UInt64 = 100_000_000
    for (burst, start) in zip(try bursts(count, in: trace), starts) {
      let first = try #require(burst.first)
      #expect(first > trace.clock.ticks(atMonotonicNanoseconds: start - slack))
    }
  }
}
