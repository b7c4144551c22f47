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
}
