// SPDX-License-Identifier: Apache-2.0

import CTraceFormat
import MemtraceTestSupport
import Testing

@testable import TraceFile

@Suite struct WindowCopyTests {
  private static let windowKind = UInt16(MT_CHUNK_WINDOW.rawValue)

  private func read(_ trace: TraceBuilder) throws -> (ticks: [UInt64], damage: [TraceDamage]) {
    let file = try TemporaryTrace(trace).open()
    return (try file.allEvents().map(\.ticks.rawValue), file.damage)
  }

  @Test func onlyWhatIsCommittedCounts() throws {
    let trace = TraceBuilder()
    let window = trace.window(thread: 1)
    window.malloc(0x10, 1, at: 1)
    let oneEvent = trace.bytes[window.offset + 32]
    window.malloc(0x20, 1, at: 2)
    trace.bytes[window.offset + 32] = oneEvent
    let found = try read(trace)
    #expect(found.ticks == [1])
    #expect(found.damage.isEmpty)
  }

  @Test func aWindowThatIsFullToItsLastByteIsRead() throws {
    let trace = TraceBuilder(windowByteCount: 128 + 64)
    let window = trace.window(thread: 1)
    window.malloc(0x10, 1 << 33, at: 1)
    window.malloc(0x20, 1 << 33, at: 2)
    #expect(try read(trace).ticks == [1, 2])
    #expect(trace.chunks(MT_CHUNK_EVENTS).isEmpty)
  }

  @Test(arguments: [(33, UInt8(0xff)), (39, 1), (32, 0x81)])
  func moreCommittedThanFitsAndHalfAWordAreDamage(offset: Int, value: UInt8) throws {
    let trace = TraceBuilder()
    let window = trace.window(thread: 1)
    window.malloc(0x10, 1, at: 1)
    trace.end(at: 2)
    trace.bytes[window.offset + offset] = value
    let found = try read(trace)
    #expect(found.ticks.isEmpty)
    #expect(
      found.damage == [.malformedChunk(byteOffset: UInt64(window.offset), kind: Self.windowKind)])
    #expect(found.damage[0].mayLoseEvents)
  }

  @Test func eventsBeforeOneThatDoesNotExistAreRead() throws {
    let trace = TraceBuilder()
    let window = trace.window(thread: 1)
    window.malloc(0x10, 1, at: 1)
    window.malloc(0x20, 1, at: 2)
    trace.end(at: 3)
    // The function in the second event's first word.
    trace.bytes[window.offset + 128 + 24] = 22
    let found = try read(trace)
    #expect(found.ticks == [1])
    #expect(
      found.damage == [
        .malformedEvents(byteOffset: UInt64(window.offset + 128 + 24), window: 1)
      ])
  }

  @Test func aWindowThatWasNeverNumberedIsEmpty() throws {
    let trace = TraceBuilder()
    let window = trace.window(thread: 1)
    trace.end(at: 1)
    trace.erase(window.offset + 32..<window.offset + 128)
    let found = try read(trace)
    #expect(found.ticks.isEmpty)
    #expect(found.damage.isEmpty)
  }

  // MARK: While its thread records

  /// Copies the window of `trace`; before read number N, `meanwhile(N)` happens.
  private func copy(
    _ window: Window, of trace: TraceBuilder, meanwhile: (Int) -> Void
  ) throws -> (WindowCopy.Outcome, readCount: Int) {
    let header = trace.bytes.withUnsafeBytes {
      ChunkHeader(
        UnsafeRawBufferPointer(rebasing: $0[window.offset...]), at: UInt64(window.offset),
        fileByteCount: UInt64($0.count))
    }
    var damage: [TraceDamage] = []
    var readCount = 0
    let outcome = WindowCopy.copy(try #require(header), damage: &damage) { offset, count in
      readCount += 1
      meanwhile(readCount)
      return Array(trace.bytes[Int(offset)..<Int(offset) + count])
    }
    #expect(damage.isEmpty)
    return (outcome, readCount)
  }

  /// One copy takes four reads: header, header, events, header.
  @Test(arguments: 1...4)
  func aWindowSealedWhileItIsCopiedIsCopiedAnew(readNumber: Int) throws {
    let trace = TraceBuilder()
    let window = trace.window(thread: 1)
    window.malloc(0x10, 1, at: 1)
    window.malloc(0x20, 1, at: 2)
    let (outcome, readCount) = try copy(window, of: trace) { number in
      guard number == readNumber else { return }
      window.seal()
      window.malloc(0x30, 1, at: 3)
    }
    guard case .copied(let copied) = outcome else {
      Issue.record("\(outcome)")
      return
    }
    #expect(copied.sequence == 2)
    #expect(copied.firstTicks == 3)
    #expect(copied.events.count == 24)
    #expect(readCount == (readNumber == 1 ? 4 : 8))
  }

  @Test(arguments: 1...4)
  func anEventRecordedWhileItsWindowIsCopiedIsInTheCopyOrNot(readNumber: Int) throws {
    let trace = TraceBuilder()
    let window = trace.window(thread: 1)
    window.malloc(0x10, 1, at: 1)
    let (outcome, readCount) = try copy(window, of: trace) {
      if $0 == readNumber { window.malloc(0x20, 1, at: 2) }
    }
    guard case .copied(let copied) = outcome else {
      Issue.record("\(outcome)")
      return
    }
    #expect(copied.events.count == (readNumber <= 2 ? 48 : 24))
    #expect(readCount == 4)
  }

  @Test func aWindowSealedAgainAndAgainIsBusy() throws {
    let trace = TraceBuilder()
    let window = trace.window(thread: 1)
    let (outcome, readCount) = try copy(window, of: trace) { number in
      window.malloc(0x10, 1, at: UInt64(number))
      window.seal()
    }
    guard case .busy = outcome else {
      Issue.record("\(outcome)")
      return
    }
    #expect(readCount == 32)
  }
}
