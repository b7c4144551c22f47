// SPDX-License-Identifier: Apache-2.0

import CTraceFormat
import MemtraceTestSupport
import Testing
import TraceFile

@Suite struct MarkTests {
  @Test func marksAreSortedByTimeWhoeverWroteThem() throws {
    let trace = TraceBuilder(clock: .tsc(ticksPerMicrosecond: 2500))
    trace.mark("late", at: 9_000_000, kind: MT_MARK_SNAPSHOT, tid: 7)
    trace.mark(
      "from outside",
      atMonotonicNanoseconds: TraceBuilder.startMonotonicNanoseconds + 1_000_000)
    trace.mark("off", at: 100, kind: MT_MARK_PAUSE)
    trace.mark("on", at: 200, kind: MT_MARK_RESUME)
    #expect(
      try TemporaryTrace(trace).open().marks == [
        Mark(name: "off", kind: .pause, ticks: Ticks(100)),
        Mark(name: "on", kind: .resume, ticks: Ticks(200)),
        Mark(name: "from outside", ticks: Ticks(2_500_000)),
        Mark(name: "late", kind: .snapshot, ticks: Ticks(9_000_000), tid: 7),
      ])
  }

  @Test func aNameLongerThanItsChunkIsDamage() throws {
    let trace = TraceBuilder()
    var record = mt_mark()
    record.name_byte_count = .max
    let offset = trace.sealedChunk(MT_CHUNK_MARK, withUnsafeBytes(of: record) { Array($0) })
    let file = try TemporaryTrace(trace).open()
    #expect(file.marks.isEmpty)
    #expect(file.damage == [.malformedChunk(byteOffset: UInt64(offset), kind: 19)])
  }

  @Test func aMarkWithAWrongChecksumIsLeftOutAndLosesNoEvents() throws {
    let trace = TraceBuilder()
    let offset = trace.mark("broken", at: 1)
    trace.mark("whole", at: 2)
    trace.flip(at: offset + 32 + 24)
    let file = try TemporaryTrace(trace).open()
    #expect(file.marks.map(\.name) == ["whole"])
    #expect(file.damage == [.wrongChecksum(byteOffset: UInt64(offset), kind: 19)])
    #expect(!file.damage[0].mayLoseEvents)
  }

  @Test func aMarkOfAKindOfTheFutureIsANamedInstant() throws {
    let trace = TraceBuilder()
    trace.mark("new", at: 1, kind: mt_mark_kind(rawValue: 77))
    #expect(try TemporaryTrace(trace).open().marks.map(\.kind) == [.named])
  }
}
