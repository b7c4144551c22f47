// SPDX-License-Identifier: Apache-2.0

import MemtraceTestSupport
import Testing

@testable import TraceFile

@Suite struct RawEventDecoderTests {
  private func decode(_ words: [UInt64]) -> (events: [TraceEvent], decoder: RawEventDecoder) {
    var decoder = RawEventDecoder()
    var events: [TraceEvent] = []
    words.withUnsafeBytes { bytes in
      while let event = decoder.next(in: bytes) { events.append(event) }
    }
    return (events, decoder)
  }

  @Test(arguments: 1...10)
  func randomEventsComeBackAsTheyWere(seed: UInt64) {
    var generator = SplitMix64(seed: seed)
    let expected = (0..<1000).map { _ in
      RandomEvents.event(
        at: RandomEvents.skewed(below: 1 << 58, &generator), stacks: [StackID(5), StackID(.max)],
        &generator)
    }
    var (events, decoder) = decode(expected.flatMap { RawEvents.words(of: $0) })
    for index in events.indices.dropFirst() where events[index].foldedTemporaryCount > 0 {
      #expect(events[index].address == events[index - 1].address)
      #expect(events[index - 1].kind == .allocated)
      events[index].foldedTemporaryCount = 0
    }
    #expect(events == expected)
    #expect(!decoder.isMalformed)
  }

  @Test(arguments: [0, 12, 22, 29, 32 + 22] as [UInt64])
  func aFunctionThatDoesNotExistEndsTheEvents(function: UInt64) {
    let good = RawEvents.words(
      of: TraceEvent(.freed, ticks: Ticks(1), address: Address(2), function: .free))
    let (events, decoder) = decode(good + [3 << 6 | function, 4, 5, 6] + good)
    #expect(events.count == 1)
    #expect(decoder.isMalformed)
    #expect(decoder.offset == 16)
  }

  @Test(arguments: 1...3)
  func anEventThatIsCutOffIsNone(wordCount: Int) {
    let event = TraceEvent(
      .allocated, ticks: Ticks(1), address: Address(2), byteCount: 1 << 40, function: .malloc)
    let (events, decoder) = decode(Array(RawEvents.words(of: event).prefix(wordCount)))
    #expect(events.isEmpty)
    #expect(decoder.isMalformed)
  }

  private let begin = RawEvents.words(
    of: TraceEvent(
      .allocated, ticks: Ticks(7), address: Address(0x40), byteCount: 9, function: .malloc))

  @Test func aPairsEndHasTheAddressOfItsBeginAndTheTimeBeforeIt() {
    let other = RawEvents.words(
      of: TraceEvent(.freed, ticks: Ticks(8), address: Address(0x60), function: .free))
    let (events, decoder) = decode(begin + other + [0 << 6 | 32 | 16] + begin + [6 << 6 | 32 | 16])
    #expect(events.count == 5)
    #expect(!decoder.isMalformed)
    #expect(events[2].kind == .freed)
    #expect(events[2].address == Address(0x40))
    #expect(events[2].ticks == Ticks(8))
    #expect(events[2].foldedTemporaryCount == 0)
    #expect(events[4].address == Address(0x40))
    #expect(events[4].ticks == Ticks(7))
    #expect(events[4].foldedTemporaryCount == 1)
  }

  @Test(arguments: [3, 4, 1 << 40, (1 << 58) - 1] as [UInt64])
  func aPairsEndThatPointsNowhereEndsTheEvents(begin place: UInt64) {
    let (events, decoder) = decode(begin + [place << 6 | 32 | 16] + begin)
    #expect(events.count == 1)
    #expect(decoder.isMalformed)
    #expect(decoder.offset == 24)
  }
}
