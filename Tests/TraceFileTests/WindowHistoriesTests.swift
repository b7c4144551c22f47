// SPDX-License-Identifier: Apache-2.0

import CTraceFormat
import MemtraceTestSupport
import Testing
import TraceFile

@Suite struct WindowHistoriesTests {
  private static let eventsKind = UInt16(MT_CHUNK_EVENTS.rawValue)

  /// A window sealed `count` times, each part one event at its number, and one event live.
  private func sealed(_ count: UInt64, in trace: TraceBuilder) -> Window {
    let window = trace.window(thread: 1)
    for part in 1...count {
      window.malloc(part * 16, 1, at: part)
      window.seal()
    }
    window.malloc((count + 1) * 16, 1, at: count + 1)
    return window
  }

  private func read(_ trace: TraceBuilder) throws -> (
    ticks: [UInt64], damage: [TraceDamage], decoding: [TraceDamage]
  ) {
    let file = try TemporaryTrace(trace).open()
    var ticks: [UInt64] = []
    let statistics = try file.forEachEvent { ticks.append($0.ticks.rawValue) }
    return (ticks, file.damage, statistics.damage)
  }

  @Test func eventsThatStandSealedAndInTheWindowAreTakenOnce() throws {
    let trace = TraceBuilder()
    let window = trace.window(thread: 1)
    window.malloc(0x10, 1, at: 1)
    window.free(0x10, at: 2)
    window.sealWithoutReset()
    let found = try read(trace)
    #expect(found.ticks == [1, 2])
    #expect(found.damage.isEmpty)
  }

  @Test func aSealThatAKillInterruptedLosesNothing() throws {
    let trace = TraceBuilder(pid: 0)
    let window = sealed(2, in: trace)
    window.free(0x10, at: 9)
    let chunk = window.sealWithoutReset()
    // All but its header and description.
    trace.erase(chunk + 104..<trace.bytes.count)
    let found = try read(trace)
    #expect(found.ticks == [1, 2, 3, 9])
    #expect(found.damage.count == 1)
    #expect(found.damage.allSatisfy { !$0.mayLoseEvents })
    guard case .unwrittenChunk(UInt64(chunk), _) = found.damage.first else {
      Issue.record("not an unwritten chunk: \(found.damage)")
      return
    }
  }

  @Test func aSealOfWhichOnlyTheHeaderWasWrittenLosesNothing() throws {
    let trace = TraceBuilder(pid: 0)
    let window = sealed(1, in: trace)
    let chunk = window.sealWithoutReset()
    trace.erase(chunk + 32..<trace.bytes.count)
    let found = try read(trace)
    #expect(found.ticks == [1, 2])
    #expect(found.damage.map(\.mayLoseEvents) == [false])
  }

  @Test func aMissingPartIsDamage() throws {
    let trace = TraceBuilder()
    let window = sealed(2, in: trace)
    window.lose()
    window.malloc(0x100, 1, at: 9)
    trace.end(at: 10)
    let found = try read(trace)
    #expect(found.ticks == [1, 2, 9])
    #expect(found.damage == [.missingEvents(window: 1, sequences: 3...3)])
    #expect(found.damage[0].mayLoseEvents)
  }

  @Test func missingPartsInTheMiddleAreDamageOnce() throws {
    let trace = TraceBuilder()
    let window = sealed(1, in: trace)
    window.lose()
    window.lose()
    window.malloc(0x100, 1, at: 9)
    window.seal()
    trace.end(at: 10)
    let found = try read(trace)
    #expect(found.ticks == [1, 9])
    #expect(found.damage == [.missingEvents(window: 1, sequences: 2...3)])
  }

  @Test func aPartWithAWrongChecksumIsFoundWhenItIsDecoded() throws {
    let trace = TraceBuilder()
    _ = sealed(3, in: trace)
    trace.end(at: 10)
    let chunk = trace.chunks(MT_CHUNK_EVENTS)[1]
    trace.flip(at: chunk.offset + 32 + 72 + 3)
    let found = try read(trace)
    #expect(found.ticks == [1, 3, 4])
    #expect(found.damage.isEmpty)
    #expect(
      found.decoding == [.wrongChecksum(byteOffset: UInt64(chunk.offset), kind: Self.eventsKind)])
  }

  @Test func theLastPartWithAWrongChecksumIsFoundAtOnce() throws {
    let trace = TraceBuilder()
    _ = sealed(3, in: trace)
    trace.end(at: 10)
    let chunk = trace.chunks(MT_CHUNK_EVENTS)[2]
    trace.flip(at: chunk.offset + 32 + 72 + 3)
    let found = try read(trace)
    #expect(found.ticks == [1, 2, 4])
    #expect(
      found.damage == [.wrongChecksum(byteOffset: UInt64(chunk.offset), kind: Self.eventsKind)])
    #expect(found.decoding.isEmpty)
  }

  /// Wherever its description is hit, the others are read and the loss is named.
  @Test(arguments: [32, 40, 64, 65, 71, 72, 75, 76, 80, 84, 88, 89, 95, 96, 97, 103, 104])
  func aPartWithAWrongDescriptionCostsOnlyItself(offset: Int) throws {
    for hit in 0..<3 {
      let trace = TraceBuilder()
      _ = sealed(3, in: trace)
      trace.end(at: 10)
      let chunk = trace.chunks(MT_CHUNK_EVENTS)[hit]
      trace.flip(at: chunk.offset + offset)
      let found = try read(trace)
      #expect(found.ticks == [1, 2, 3, 4].filter { $0 != hit + 1 })
      let wrong = TraceDamage.wrongChecksum(
        byteOffset: UInt64(chunk.offset), kind: Self.eventsKind)
      #expect((found.damage + found.decoding).filter { $0 == wrong }.count == 1)
    }
  }

  @Test func aPartThatStandsTwiceIsTakenOnce() throws {
    let trace = TraceBuilder()
    let window = trace.window(thread: 1)
    window.malloc(0x10, 1, at: 1)
    window.sealWithoutReset()
    window.seal()
    window.malloc(0x20, 1, at: 2)
    trace.end(at: 3)
    let found = try read(trace)
    #expect(found.ticks == [1, 2])
    #expect(
      found.damage == [
        .duplicateChunk(
          byteOffset: UInt64(trace.chunks(MT_CHUNK_EVENTS)[1].offset), kind: Self.eventsKind)
      ])
  }

  @Test func ofTwoPartsWithOneNumberTheSoundOneIsTaken() throws {
    let trace = TraceBuilder()
    let window = trace.window(thread: 1)
    window.malloc(0x10, 1, at: 1)
    let first = window.sealWithoutReset()
    window.seal()
    window.malloc(0x20, 1, at: 2)
    trace.end(at: 3)
    trace.flip(at: first + 32 + 72 + 3)
    let found = try read(trace)
    #expect(found.ticks == [1, 2])
    #expect(found.damage == [.wrongChecksum(byteOffset: UInt64(first), kind: Self.eventsKind)])
  }

  @Test func aWindowOlderThanItsPartsIsNotBelieved() throws {
    let trace = TraceBuilder()
    let window = sealed(3, in: trace)
    trace.end(at: 10)
    trace.bytes[window.offset + 40] = 2
    let found = try read(trace)
    #expect(found.ticks == [1, 2, 3])
    #expect(
      found.damage == [
        .malformedChunk(
          byteOffset: UInt64(window.offset), kind: UInt16(MT_CHUNK_WINDOW.rawValue))
      ])
  }

  @Test func partsWithoutTheirWindowAreReadAndItsLossIsNamed() throws {
    let trace = TraceBuilder()
    let window = sealed(2, in: trace)
    trace.end(at: 10)
    trace.flip(at: window.offset)
    let found = try read(trace)
    #expect(found.ticks == [1, 2])
    #expect(found.damage.contains(.missingWindow(window: 1)))
    #expect(found.damage.contains { if case .unreadableBytes = $0 { true } else { false } })
  }

  @Test func twoWindowsWithOneNumberAreDamage() throws {
    let trace = TraceBuilder()
    let first = trace.window(thread: 1)
    first.malloc(0x10, 1, at: 1)
    let second = trace.window(thread: 2)
    second.malloc(0x20, 1, at: 2)
    trace.end(at: 3)
    trace.bytes[second.offset + 48] = 1
    let found = try read(trace)
    #expect(found.ticks == [1])
    #expect(
      found.damage == [
        .duplicateChunk(
          byteOffset: UInt64(second.offset), kind: UInt16(MT_CHUNK_WINDOW.rawValue))
      ])
  }
}
