// SPDX-License-Identifier: Apache-2.0

import CTraceFormat
import MemtraceTestSupport
import Testing

@testable import TraceFile

@Suite struct CompactEventDecoderTests {
  @Test func whatWasEncodedIsDecoded() throws {
    let trace = TraceBuilder()
    let stack = trace.stack([0x1000, 0x2000])
    let window = trace.window(thread: 1)
    window.malloc(0x7f00_0000_1230, 64, stack: stack, at: 10)
    window.malloc(0x7f00_0000_1270, 64, stack: stack, at: 12)
    window.free(0x7f00_0000_1230, at: 300)
    window.malloc(0x7f00_0000_1230, 5_000_000_000, stack: stack, at: 70_000)
    window.mmap(0x7f12_0000_0000, 8192, stack: stack, mapping: 5, at: 70_001)
    window.munmap(0x7f12_0000_1000, 4096, at: 1 << 40)
    window.free(0x7f00_0000_1230, at: 1 << 40, function: .delete)
    let expected = window.events
    window.seal()
    trace.end(at: 1 << 41)
    let file = try TemporaryTrace(trace).open()
    #expect(try file.allEvents() == expected)
    #expect(file.damage.isEmpty)
  }

  /// Every length of every field, every way of saying a stack, addresses that jump anywhere.
  @Test(arguments: 1...20)
  func randomEventsComeBackAsTheyWere(seed: UInt64) throws {
    var generator = SplitMix64(seed: seed)
    let trace = TraceBuilder(windowByteCount: 1 << 20)
    let stacks = (0..<300).map { trace.stack([UInt64($0), 0x2000]) }
    let window = trace.window(thread: 1)
    var expected: [TraceEvent] = []
    var ticks = UInt64.random(in: 0..<1000, using: &generator)
    for _ in 0..<3 {
      for _ in 0..<2000 {
        ticks += RandomEvents.skewed(below: 1 << 34, &generator)
        let event = RandomEvents.event(at: ticks, stacks: stacks, &generator)
        expected.append(window.append(event))
      }
      window.seal(encoder: EventEncoder(wideningBy: seed % 2 == 0 ? generator : nil))
    }
    trace.end(at: ticks)
    let file = try TemporaryTrace(trace).open()
    let statistics = try file.forEachRun { run in
      #expect(expected.starts(with: run))
      expected.removeFirst(run.count)
    }
    #expect(expected.isEmpty)
    #expect(statistics.damage.isEmpty)
    #expect(statistics.eventCount == 6000)
  }

  /// Runs of all lengths, longer than a batch among them, at all distances in time, with other
  /// events and peaks in between.
  @Test(arguments: 1...20)
  func runsComeBackAsTheyWere(seed: UInt64) throws {
    var generator = SplitMix64(seed: seed)
    let trace = TraceBuilder(windowByteCount: 4 << 20)
    let stacks = (0..<3).map { trace.stack([UInt64($0), 0x2000]) }
    let window = trace.window(thread: 1)
    var ticks: UInt64 = 0
    while window.events.count < 40_000 {
      var event = RandomEvents.event(at: ticks, stacks: stacks, &generator)
      let count = RandomEvents.skewed(below: 20_000, &generator) + 1
      let step = RandomEvents.skewed(below: 1 << 40, &generator)
      let pace = RandomEvents.skewed(below: 16, &generator)
      for _ in 0..<count {
        event.ticks = Ticks(ticks)
        window.append(event)
        event.address = Address(event.address.rawValue &+ step)
        if pace > 0, generator.next() % pace == 0 {
          ticks += RandomEvents.skewed(below: 1 << 20, &generator)
        }
      }
      if generator.next() % 4 == 0 { window.foldedPeak(count, at: ticks) }
    }
    let expected = window.events
    window.seal(encoder: EventEncoder(wideningBy: seed % 2 == 0 ? generator : nil))
    trace.end(at: ticks)
    let file = try TemporaryTrace(trace).open()
    #expect(try file.allEvents() == expected)
    #expect(file.damage.isEmpty)
  }

  /// A run as bytes: its function and the length of the ticks, its count, the ticks.
  private func eventsOfAChunk(
    _ encoded: [UInt8], count: UInt32, stack: [UInt64] = [0x1000]
  ) throws -> (events: [TraceEvent], damage: [TraceDamage]) {
    let trace = TraceBuilder()
    _ = trace.stack(stack)
    let window = trace.window(thread: 1)
    window.lose()
    var record = mt_events()
    record.ordinal = 1
    record.sequence = 1
    record.event_count = count
    record.last_ticks = 100
    trace.sealedChunk(MT_CHUNK_EVENTS, withUnsafeBytes(of: record) { Array($0) } + encoded)
    trace.end(at: 1000)
    let file = try TemporaryTrace(trace).open()
    var events: [TraceEvent] = []
    let statistics = try file.forEachEvent { events.append(copy $0) }
    return (events, statistics.damage)
  }

  /// malloc(24) by stack 4 at 0x20, then at 0x40.
  private static let twoBlocks: [UInt8] = [
    0xc1, 0x00, 1, 4, 4, 0, 0, 0, 24,
    0x81, 0x00, 1, 4, 0x78,
  ]

  @Test func aRunGoesOnInTheStepOfTheLastEvent() throws {
    let (events, damage) = try eventsOfAChunk(
      Self.twoBlocks + [0x00, 2, 5] + [0x20, 0, 0, 1], count: 6)
    #expect(damage.isEmpty)
    #expect(events.map(\.address.rawValue) == [0x20, 0x40, 0x60, 0x80, 0xa0, 0xc0])
    #expect(events.map(\.ticks.rawValue) == [1, 2, 7, 7, 7, 263])
    #expect(events.allSatisfy { $0.byteCount == 24 && $0.stack == StackID(4) })
    #expect(events.allSatisfy { $0.kind == .allocated && $0.function == .malloc })
  }

  @Test(arguments: [
    ([0x00, 0, 1], 1, 0),  // behind nothing
    (twoBlocks + [0x00, 9, 1], 11, 2),  // of more events than there are to be
    (twoBlocks + [0x60, 0, 1], 3, 2),  // cut off in its ticks
    (twoBlocks + [0x00], 3, 2),  // or before its count
    (twoBlocks + [0x80, 0, 1], 3, 2),  // with a bit that has no meaning
    // Behind the end of a mapping, or a peak, which no run repeats.
    (twoBlocks + [0x9e, 0x00, 1, 4, 1] + [0x00, 0, 1], 4, 3),
    (twoBlocks + [0x0c, 0x00, 1, 1] + [0x00, 0, 1], 3, 3),
    // Of all the events that no window could have held.
    ([UInt8](repeating: 0, count: 300), UInt32.max, 0),
  ])
  func aRunThatIsNoneIsDamage(encoded: [UInt8], count: UInt32, decodedCount: Int) throws {
    let (events, damage) = try eventsOfAChunk(encoded, count: count)
    #expect(events.count == decodedCount)
    #expect(damage.count == 1)
  }

  @Test func anEventThatDoesNotExistEndsItsChunkAndIsDamage() throws {
    let trace = TraceBuilder()
    let window = trace.window(thread: 1)
    window.malloc(0x10, 1, at: 1)
    // Function 22 does not exist.
    window.append(
      TraceEvent(
        .freed, ticks: Ticks(2), address: Address(0x20),
        function: AllocationFunction(rawValue: 22)))
    window.malloc(0x30, 1, at: 3)
    window.seal()
    window.malloc(0x40, 1, at: 4)
    trace.end(at: 5)
    let file = try TemporaryTrace(trace).open()
    var addresses: [UInt64] = []
    let statistics = try file.forEachEvent { addresses.append($0.address.rawValue) }
    #expect(addresses == [0x10, 0x40])
    let chunk = trace.chunks(MT_CHUNK_EVENTS)[0]
    // The first event is six bytes: two, then one each for time, address, slot and size.
    #expect(
      statistics.damage == [
        .malformedEvents(byteOffset: UInt64(chunk.offset + 32 + 72 + 6), window: 1)
      ])
    #expect(statistics.damage[0].mayLoseEvents)
  }

  @Test func aFoldTableLongerThanItsChunkIsDamage() throws {
    let trace = TraceBuilder()
    let window = trace.window(thread: 1)
    window.malloc(0x10, 1, at: 1)
    window.lose()
    var record = mt_events()
    record.ordinal = 1
    record.sequence = 1
    record.fold_count = .max
    trace.sealedChunk(MT_CHUNK_EVENTS, withUnsafeBytes(of: record) { Array($0) })
    trace.end(at: 5)
    let file = try TemporaryTrace(trace).open()
    let statistics = try file.forEachEvent { _ in }
    #expect(statistics.eventCount == 0)
    #expect(statistics.damage.count == 1)
  }

  @Test func foldedBlocksComeAtTheEndOfTheirWindowAndTheirPeakAtItsInstant() throws {
    let trace = TraceBuilder()
    let stack = trace.stack([0x1000])
    let window = trace.window(thread: 1)
    window.malloc(0x10, 100, stack: stack, at: 1)
    window.malloc(0x20, 7, stack: stack, at: 2)
    window.malloc(0x30, 8, stack: stack, at: 3)
    window.free(0x30, at: 4)
    window.free(0x20, at: 5)
    window.malloc(0x40, 9, stack: stack, at: 6)
    window.free(0x40, at: 7)
    window.seal(folding: true)
    trace.end(at: 9)
    let file = try TemporaryTrace(trace).open()
    var events: [TraceEvent] = []
    let statistics = try file.forEachEvent { events.append(copy $0) }
    #expect(
      events == [
        TraceEvent(
          .allocated, ticks: Ticks(1), address: Address(0x10), byteCount: 100, stack: stack,
          function: .malloc),
        TraceEvent(
          .foldedPeak, ticks: Ticks(3), byteCount: 15, function: AllocationFunction(rawValue: 0)),
        TraceEvent(
          .folded, ticks: Ticks(7), byteCount: 24, stack: stack, function: .malloc,
          foldedCount: 3, foldedTemporaryCount: 2),
      ])
    #expect(statistics.eventCount == 1)
    #expect(statistics.foldedBlockCount == 3)
    #expect(statistics.recordedEventCount == 7)
  }

  @Test func everyPeakComesBehindTheEventItStandsBehind() throws {
    let trace = TraceBuilder()
    let window = trace.window(thread: 1)
    window.foldedPeak(300, at: 5)
    window.malloc(0x10, 1, at: 10)
    window.foldedPeak(70_000, at: 10)
    window.foldedPeak(5_000_000_000, at: 15)
    window.malloc(0x20, 1, at: 10_000)
    window.foldedPeak(1, at: 10_000)
    let expected = window.events
    window.seal()
    trace.end(at: 20_000)
    let file = try TemporaryTrace(trace).open()
    var events: [TraceEvent] = []
    let statistics = try file.forEachEvent { events.append(copy $0) }
    #expect(events == expected)
    #expect(statistics.damage.isEmpty)
    #expect(statistics.eventCount == 2)
  }

  @Test(arguments: [-1, 1])
  func aCountOfEventsThatIsWrongIsDamage(error: Int32) throws {
    let trace = TraceBuilder()
    let window = trace.window(thread: 1)
    window.malloc(0x10, 1, at: 10)
    window.malloc(0x20, 1, at: 20)
    window.seal()
    trace.end(at: 30)
    let chunk = trace.chunks(MT_CHUNK_EVENTS)[0].offset
    let byteCount = trace.bytes.withUnsafeBytes {
      Int($0.loadUnaligned(fromByteOffset: chunk + 12, as: UInt32.self))
    }
    var payload = Array(trace.bytes[(chunk + 32)..<(chunk + 32 + byteCount)])
    payload[44] = UInt8(2 + error)
    let changed = TraceBuilder.sealedChunk(MT_CHUNK_EVENTS, payload, at: chunk)
    trace.bytes.replaceSubrange(chunk..<chunk + changed.count, with: changed)
    var count = 0
    let statistics = try TemporaryTrace(trace).open().forEachEvent { _ in count += 1 }
    #expect(count == (error < 0 ? 1 : 2))
    #expect(statistics.damage.count == 1)
  }

  @Test func aTemporaryBlockIsToldLiveAndSealedAndOverASeal() throws {
    for isSealed in [false, true] {
      let trace = TraceBuilder()
      let window = trace.window(thread: 1)
      window.malloc(0x10, 1, at: 1)
      window.free(0x10, at: 2)
      window.malloc(0x10, 1, at: 3)
      window.seal()
      window.free(0x10, at: 4)
      window.malloc(0x20, 1, at: 5)
      window.malloc(0x30, 1, at: 6)
      window.free(0x20, at: 7)
      window.mmap(0x40, 1, at: 8)
      window.munmap(0x40, 1, at: 9)
      if isSealed { window.seal() }
      trace.end(at: 10)
      let events = try TemporaryTrace(trace).open().allEvents()
      #expect(
        events.filter { $0.foldedTemporaryCount > 0 }.map(\.ticks.rawValue) == [2, 4])
    }
  }

  @Test func aTemporaryBlockIsNotToldOfAnotherThread() throws {
    let trace = TraceBuilder()
    let window = trace.window(thread: 1)
    window.malloc(0x10, 1, at: 1)
    window.seal()
    window.takeOver(thread: 2, name: "other")
    window.free(0x10, at: 2)
    trace.end(at: 3)
    let events = try TemporaryTrace(trace).open().allEvents()
    #expect(events.map(\.foldedTemporaryCount) == [0, 0])
  }

  @Test func manyFoldsAndEventsSpreadOverManyBatches() throws {
    let trace = TraceBuilder(windowByteCount: 1 << 20)
    let window = trace.window(thread: 1)
    var ticks: UInt64 = 0
    for index in 0..<5000 as Range<UInt64> {
      let stack = trace.stack([index])
      window.malloc(0x1000 + index * 16, 1, stack: stack, at: ticks + 1)
      window.malloc(0x10, 1, stack: stack, at: ticks + 2)
      window.free(0x10, at: ticks + 3)
      ticks += 3
    }
    window.seal(folding: true)
    trace.end(at: ticks)
    let file = try TemporaryTrace(trace).open()
    var counts: [TraceEvent.Kind: Int] = [:]
    var last = Ticks(0)
    _ = try file.forEachEvent {
      counts[$0.kind, default: 0] += 1
      #expect($0.ticks >= last)
      last = $0.ticks
    }
    #expect(counts == [.allocated: 5000, .folded: 5000, .foldedPeak: 1])
  }
}
