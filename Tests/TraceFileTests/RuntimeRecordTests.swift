// SPDX-License-Identifier: Apache-2.0

import CTraceFormat
import MemtraceTestSupport
import Testing
import TraceFile

@Suite struct RuntimeRecordTests {
  @Test func whatJavaScriptKnowsIsSortedByTime() throws {
    let trace = TraceBuilder(clock: .tsc(ticksPerMicrosecond: 2500))
    trace.jsMemory(
      at: 9000, rss: 6, heapTotal: 5, heapUsed: 4, external: 3, arrayBuffers: 2, heapLimit: 1,
      threadID: 7)
    trace.jsMemory(at: 100, heapUsed: 8)
    let memory = try TemporaryTrace(trace).open().jsMemory
    #expect(
      memory == [
        JSMemory(
          ticks: Ticks(100), rssByteCount: 0, heapTotalByteCount: 0, heapUsedByteCount: 8,
          externalByteCount: 0, arrayBuffersByteCount: 0),
        JSMemory(
          ticks: Ticks(9000), rssByteCount: 6, heapTotalByteCount: 5, heapUsedByteCount: 4,
          externalByteCount: 3, arrayBuffersByteCount: 2, heapLimitByteCount: 1, threadID: 7),
      ])
  }

  @Test func collectionsAreSortedByTimeWhicheverClockTheyCameOn() throws {
    let trace = TraceBuilder(clock: .tsc(ticksPerMicrosecond: 2500))
    var outside = mt_gc()
    outside.start = TraceBuilder.startMonotonicNanoseconds + 1_000_000
    outside.start_is_monotonic = 1
    outside.duration_nanoseconds = 5
    outside.kind = MT_GC_MAJOR.rawValue
    outside.flags = 4
    outside.thread_id = 3
    var late = mt_gc()
    late.start = 9_000_000
    late.kind = 99
    trace.collections([late, outside])
    trace.collection(at: 100, durationNanoseconds: 7)
    let file = try TemporaryTrace(trace).open()
    #expect(
      file.collections == [
        GarbageCollection(ticks: Ticks(100), durationNanoseconds: 7, kind: .minor),
        GarbageCollection(
          ticks: Ticks(2_500_000), durationNanoseconds: 5, kind: .major, flags: 4, threadID: 3),
        GarbageCollection(ticks: Ticks(9_000_000), durationNanoseconds: 0, kind: .other(99)),
      ])
    #expect(file.damage.isEmpty)
  }

  @Test(arguments: [
    (MT_GC_MINOR, GarbageCollection.Kind.minor), (MT_GC_MAJOR, .major),
    (MT_GC_INCREMENTAL, .incremental), (MT_GC_WEAK_CALLBACKS, .weakCallbacks),
    (MT_GC_MINOR_MARK_SWEEP, .minorMarkSweep),
  ])
  func everyKindOfTheFormatHasAName(kind: mt_gc_kind, name: GarbageCollection.Kind) throws {
    let trace = TraceBuilder()
    trace.collection(at: 1, durationNanoseconds: 1, kind: kind)
    #expect(try TemporaryTrace(trace).open().collections.map(\.kind) == [name])
  }

  @Test func aPartOfACollectionIsDamage() throws {
    let trace = TraceBuilder()
    let offset = trace.sealedChunk(MT_CHUNK_GC, [UInt8](repeating: 0, count: 33))
    let file = try TemporaryTrace(trace).open()
    #expect(file.collections.isEmpty)
    #expect(file.damage == [.malformedChunk(byteOffset: UInt64(offset), kind: 22)])
  }

  @Test func recordsWithAWrongChecksumAreLeftOutAndLoseNoEvents() throws {
    let trace = TraceBuilder()
    let memory = trace.jsMemory(at: 1, heapUsed: 5)
    let collection = trace.collection(at: 1, durationNanoseconds: 5)
    trace.jsMemory(at: 2, heapUsed: 6)
    trace.flip(at: memory + 32 + 40)
    trace.flip(at: collection + 32 + 8)
    let file = try TemporaryTrace(trace).open()
    #expect(file.jsMemory.map(\.heapUsedByteCount) == [6])
    #expect(file.collections.isEmpty)
    #expect(
      Set(file.damage) == [
        .wrongChecksum(byteOffset: UInt64(memory), kind: 21),
        .wrongChecksum(byteOffset: UInt64(collection), kind: 22),
      ])
    #expect(!file.damage.contains { $0.mayLoseEvents })
  }

  @Test func aRecordThatIsTooShortIsDamage() throws {
    let trace = TraceBuilder()
    let offset = trace.sealedChunk(MT_CHUNK_JS_MEMORY, [UInt8](repeating: 0, count: 79))
    let file = try TemporaryTrace(trace).open()
    #expect(file.jsMemory.isEmpty)
    #expect(file.damage == [.malformedChunk(byteOffset: UInt64(offset), kind: 21)])
  }

  @Test func aTraceWithoutAnEndEndsWithWhatJavaScriptSaidLast() throws {
    let trace = TraceBuilder(pid: 0)
    trace.sample(at: 20)
    trace.jsMemory(at: 40)
    #expect(try TemporaryTrace(trace).open().endTicks == Ticks(40))
  }
}
