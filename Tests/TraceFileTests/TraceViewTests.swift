// SPDX-License-Identifier: Apache-2.0

import CTraceFormat
import Glibc
import MemtraceTestSupport
import SystemPackage
import Testing
import TraceFile

@Suite struct TraceViewTests {
  // MARK: States

  @Test func aTraceOfAProcessThatExitedSaysSo() throws {
    let trace = TraceBuilder()
    trace.window(thread: 1).malloc(0x10, 1, at: 5)
    trace.lose(events: 3, truncatedStacks: 4)
    trace.end(at: 9)
    let file = try TemporaryTrace(trace).open()
    #expect(file.state == .exited)
    #expect(file.endTicks == Ticks(9))
    #expect(file.lostEventCount == 3)
    #expect(file.truncatedStackCount == 4)
    #expect(!file.isStillRunning)
    #expect(file.damage.isEmpty)
    #expect(file.fileByteCount == UInt64(trace.bytes.count))
    #expect(file.eventByteCount == 24)
  }

  @Test func aTraceThatWasStoppedSaysWhy() throws {
    let trace = TraceBuilder()
    trace.end(at: 9, state: MT_STATE_STOPPED, errno: ENOSPC)
    #expect(try TemporaryTrace(trace).open().state == .stopped(errno: ENOSPC))
  }

  @Test func aTraceOfAProcessThatReplacedItselfSaysSo() throws {
    let trace = TraceBuilder()
    trace.end(at: 9, state: MT_STATE_EXECUTED)
    #expect(try TemporaryTrace(trace).open().state == .executed)
  }

  @Test func aTraceOfAKilledProcessIsReadToItsLastEvent() throws {
    let trace = TraceBuilder(pid: 0)
    let window = trace.window(thread: 1)
    window.malloc(0x10, 1, at: 5)
    window.seal()
    window.malloc(0x20, 1, at: 7)
    let file = try TemporaryTrace(trace).open()
    #expect(file.state == .recording)
    #expect(!file.isStillRunning)
    #expect(file.endTicks == Ticks(7))
    #expect(try file.allEvents().count == 2)
    #expect(file.damage.isEmpty)
  }

  @Test func aProcessThatMapsTheTraceIsStillRunning() throws {
    let trace = TraceBuilder(pid: UInt32(getpid()))
    // The clock counts from the start of the machine.
    trace.setField(\.start_ticks, 0)
    trace.window(thread: 1).malloc(0x10, 1, at: 5)
    let temporary = try TemporaryTrace(trace)
    #expect(try !temporary.open().isStillRunning)
    let descriptor = try FileDescriptor.open(temporary.path, .readOnly)
    defer { try? descriptor.close() }
    let page = mmap(nil, 4096, PROT_READ, MAP_SHARED, descriptor.rawValue, 0)
    try #require(page != MAP_FAILED)
    defer { munmap(page, 4096) }
    let file = try temporary.open()
    #expect(file.isStillRunning)
    #expect(try file.allEvents().count == 1)
    // Its end is now, which is later than its latest event.
    #expect(file.endTicks > Ticks(5))
  }

  // MARK: Holes and cuts

  @Test func roomReservedAndNeverWrittenIsNotedAndLosesNothing() throws {
    let trace = TraceBuilder(pid: 0)
    trace.window(thread: 1).malloc(0x10, 1, at: 5)
    let hole = trace.hole(byteCount: 96)
    trace.mark("behind", at: 6)
    let file = try TemporaryTrace(trace).open()
    #expect(file.marks.map(\.name) == ["behind"])
    #expect(file.damage == [.unwrittenChunk(byteOffset: UInt64(hole), byteCount: 96)])
    #expect(!file.damage[0].mayLoseEvents)
  }

  @Test func rubbishIsUnreadableAndMayHaveBeenEvents() throws {
    let trace = TraceBuilder(pid: 0)
    let rubbish = trace.rubbish(byteCount: 320)
    trace.mark("behind", at: 6)
    let file = try TemporaryTrace(trace).open()
    #expect(file.marks.map(\.name) == ["behind"])
    #expect(file.damage == [.unreadableBytes(byteOffset: UInt64(rubbish), byteCount: 320)])
    #expect(file.damage[0].mayLoseEvents)
  }

  @Test func roomBehindTheEndThatWasOnlyPreparedIsNoDamage() throws {
    let trace = TraceBuilder()
    trace.window(thread: 1).malloc(0x10, 1, at: 5)
    trace.end(at: 6)
    let file = try TemporaryTrace(bytes: trace.bytes + [UInt8](repeating: 0, count: 1 << 20))
    #expect(try file.open().damage.isEmpty)
  }

  @Test func aReservationAtTheEndThatAKillLeftLosesNothing() throws {
    let trace = TraceBuilder(pid: 0)
    trace.window(thread: 1).malloc(0x10, 1, at: 5)
    let end = UInt64(trace.bytes.count)
    trace.setField(\.end_offset, end + 4096)
    let file = try TemporaryTrace(trace).open()
    #expect(file.damage == [.unwrittenChunk(byteOffset: end, byteCount: 4096)])
  }

  @Test func aTraceOfAKilledProcessThatLacksMoreThanReservationsIsTruncated() throws {
    let trace = TraceBuilder(pid: 0)
    trace.window(thread: 1).malloc(0x10, 1, at: 5)
    let end = UInt64(trace.bytes.count)
    trace.setField(\.end_offset, end + (1 << 20))
    let file = try TemporaryTrace(trace).open()
    #expect(file.damage == [.truncatedFile(byteOffset: end, missingByteCount: 1 << 20)])
  }

  @Test func aFinishedTraceWithoutItsEndIsTruncated() throws {
    let trace = TraceBuilder()
    let window = trace.window(thread: 1)
    window.malloc(0x10, 1, at: 5)
    trace.mark("last", at: 6)
    trace.end(at: 7)
    let last = trace.chunks(MT_CHUNK_MARK)[0]
    let file = try TemporaryTrace(bytes: Array(trace.bytes.dropLast(40))).open()
    #expect(
      file.damage == [
        .truncatedFile(
          byteOffset: UInt64(last.offset), missingByteCount: UInt64(last.byteCount))
      ])
    #expect(file.damage[0].mayLoseEvents)
    #expect(try file.allEvents().count == 1)
  }

  @Test func aSealThatAKillInterruptedAtTheEndOfTheFileLosesNothing() throws {
    let trace = TraceBuilder(pid: 0)
    let window = trace.window(thread: 1)
    window.malloc(0x10, 1, at: 5)
    let chunk = window.sealWithoutReset()
    let file = try TemporaryTrace(bytes: Array(trace.bytes[..<(chunk + 108)])).open()
    #expect(file.damage.map(\.mayLoseEvents) == [false])
    #expect(try file.allEvents().count == 1)
  }

  /// Wherever a trace is cut, what stands before the cut is read and the cut is noticed.
  @Test func aTraceCutAnywhereIsReadUpToThere() throws {
    let trace = TraceBuilder(pid: 0, windowByteCount: 1024)
    let window = trace.window(thread: 1)
    for ticks in 1...200 as ClosedRange<UInt64> { window.malloc(ticks * 16, ticks, at: ticks) }
    trace.mark("mark", at: 100)
    trace.image("/a", start: 1, end: 2)
    trace.codeNames("10 20 name\n", at: 3)
    trace.sample(at: 150, [.rssBytes: 1])
    window.seal()
    trace.end(at: 300)
    let whole = try TemporaryTrace(trace)
    let expected = try whole.open().allEvents()
    var counts: [Int] = []
    for length in (4096..<trace.bytes.count).reversed() {
      try whole.truncate(to: length)
      let file = try whole.open()
      #expect(!file.damage.isEmpty)
      // What a window held last is lost with the chunk it was sealed into, nothing before.
      let events = try file.allEvents()
      #expect(expected.starts(with: events))
      counts.append(events.count)
    }
    #expect(counts == counts.sorted(by: >))
    #expect(counts.first == 0 || counts[0] < 200)
  }
}
