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

  @Test func theFirstAndTheLatestCanBeTakenAway() {
    let buffer = EventBuffer()
    for ticks in 1...9 as ClosedRange<UInt64> { buffer.insert(event(ticks)) }
    buffer.removeFirst(3)
    buffer.removeEvents(laterThan: 7)
    #expect(content(buffer) == [4, 5, 6, 7])
    buffer.removeEvents(laterThan: 3)
    #expect(buffer.count == 0)
    #expect(buffer.lastTicks == 0)
  }

  @Test func aBufferIsFullWhenItSaysSo() {
    let buffer = EventBuffer()
    while !buffer.isFull { buffer.insert(event(UInt64(1000 - buffer.count % 7))) }
    #expect(buffer.count == EventBuffer.capacity)
    #expect(content(buffer) == content(buffer).sorted())
  }
}
