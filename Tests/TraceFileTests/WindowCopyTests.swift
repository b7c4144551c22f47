// SPDX-License-Identifier: Apache-2.0

import CTraceFormat
import MemtraceTestSupport
import Testing
import TraceFile

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
}
