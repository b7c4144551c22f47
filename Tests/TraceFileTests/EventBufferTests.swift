// SPDX-License-Identifier: Apache-2.0

import MemtraceTestSupport
import Testing

@testable import TraceFile

@Suite struct EventBufferTests {
  private func event(_ ticks: UInt64, _ address: UInt64 = 0) -> TraceEvent {
    TraceEvent(.freed, ticks: Ticks(ticks), address: Address(address), function: .free)
  }

  private func content(_ buffer: EventBuffer) -> [UInt64] {
    (0..<buffer.count).map { buffer.events[$0].ticks.rawValue }
  }

  @Test func aLateEventGoesToItsPlaceBehindItsEquals() {
    let buffer = EventBuffer()
    for (address, ticks) in [1, 5, 5, 9, 5, 0, 7].enumerated() {
      buffer.insert(event(UInt64(ticks), UInt64(address)))
    }
    #expect(content(buffer) == [0, 1, 5, 5, 5, 7, 9])
    #expect((2...4).map { buffer.events[$0].address.rawValue } == [1, 2, 4])
  }

  @Test func eventsOfAnyOrderAreSortedAndEqualsKeepTheirs() {
    var generator = SplitMix64(seed: 8)
    let orders: [(Int) -> UInt64] = [
      { UInt64(EventBuffer.capacity - $0) }, { _ in generator.next() % 50 },
      { UInt64($0 % 200) }, { UInt64($0 == 5000 ? 1 : 10 + $0) },
    ]
    for order in orders {
      let buffer = EventBuffer()
      var expected: [TraceEvent] = []
      while !buffer.isFull {
        expected.append(event(order(buffer.count), UInt64(buffer.count)))
        buffer.insert(expected[buffer.count])
      }
      buffer.sort()
      let sorted = expected.sorted {
        ($0.ticks.rawValue, $0.address) < ($1.ticks.rawValue, $1.address)
      }
      let isSorted = Array(buffer.content) == sorted
      #expect(isSorted)
    }
  }

  @Test func theLatestCanBeTakenAway() {
    let buffer = EventBuffer()
    for ticks in 1...9 as ClosedRange<UInt64> { buffer.insert(event(ticks)) }
    #expect(buffer.takeLast(3, laterThan: 9).isEmpty)
    #expect(buffer.takeLast(3, laterThan: 8).map(\.ticks.rawValue) == [9])
    #expect(buffer.takeLast(2, laterThan: 3).map(\.ticks.rawValue) == [7, 8])
    buffer.removeEvents(laterThan: 4)
    #expect(content(buffer) == [1, 2, 3, 4])
    buffer.removeEvents(laterThan: 0)
    #expect(buffer.count == 0)
    #expect(buffer.lastTicks == 0)
  }

  @Test func whatWasHeldBackGoesBeforeWhatIsNotEarlier() {
    let buffer = EventBuffer()
    for ticks in [3, 5, 5, 8] as [UInt64] { buffer.insert(event(ticks, 1)) }
    buffer.putInFront([1, 5, 6, 8].map { event($0, 2) })
    #expect(content(buffer) == [1, 3, 5, 5, 5, 6, 8, 8])
    #expect(
      (0..<buffer.count).map { buffer.events[$0].address.rawValue } == [2, 1, 2, 1, 1, 2, 2, 1])
    // As much as can be held back, before a full buffer.
    buffer.removeAll()
    while !buffer.isFull { buffer.insert(event(100 + UInt64(buffer.count))) }
    buffer.putInFront((0..<EventBuffer.reorderLimit).map { event(1_000_000 + UInt64($0)) })
    #expect(buffer.count == EventBuffer.capacity + EventBuffer.reorderLimit)
    #expect(content(buffer) == content(buffer).sorted())
    buffer.removeAll()
    buffer.putInFront([event(7)])
    #expect(content(buffer) == [7])
  }

  @Test func aBufferIsFullWhenItSaysSo() {
    let buffer = EventBuffer()
    while !buffer.isFull {
      buffer.insert(event(UInt64(1000 + buffer.count / 7 * 7 - buffer.count % 7)))
    }
    // Late by a few places only: in order without a sort.
    let isSorted = content(buffer) == content(buffer).sorted()
    #expect(isSorted)
    #expect(buffer.count == EventBuffer.capacity)
  }
}
