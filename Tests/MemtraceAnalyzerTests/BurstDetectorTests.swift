// SPDX-License-Identifier: Apache-2.0
//
// Sudden growth: what is one, what is none, and where it begins and ends.

import MemtraceTestSupport
import Testing
import TraceFile

@testable import MemtraceAnalyzer

@Suite struct BurstDetectorTests {
  /// Bursts of 1000 bytes within 80 ticks, so that a bucket is 10 ticks.
  private func bursts(_ events: [TraceEvent], large: UInt64 = 1_000_000) -> [BurstLog.Burst] {
    var ledger = HeapLedger(
      large: LargeAllocationLog(threshold: large),
      bursts: BurstDetector(threshold: 1000, windowTicks: 80))
    for event in events { ledger.apply(event) }
    return ledger.burstLog().largest()
  }

  /// Blocks of equal size at equal distances.
  private func growth(
    _ count: Int, of byteCount: UInt64, every step: UInt64, from start: UInt64 = 0,
    address: UInt64 = 0x1000, stack: UInt32 = 10
  ) -> [TraceEvent] {
    (0..<UInt64(count)).map {
      malloc(address + $0 * 16, byteCount, stack: stack, at: start + $0 * step)
    }
  }

  @Test func suddenGrowthIsOneBurstWithItsBytesBlocksAndTime() {
    let found = bursts(growth(20, of: 100, every: 2, from: 500))
    #expect(
      found == [
        BurstLog.Burst(
          stack: StackID(10), byteCount: 2000, blockCount: 20, ticks: Ticks(500),
          endTicks: Ticks(538))
      ])
  }

  @Test func slowGrowthIsNoBurst() {
    #expect(bursts(growth(200, of: 100, every: 20)).isEmpty)
  }

  @Test func growthThatIsTakenBackIsNoBurst() {
    var events: [TraceEvent] = []
    for tick: UInt64 in 0..<200 {
      events.append(malloc(0x1000, 600, at: tick))
      events.append(free(0x1000, at: tick))
    }
    #expect(bursts(events).isEmpty)
  }

  @Test func sitesAreWatchedOneByOne() {
    let events = (0..<40).flatMap { index in
      growth(
        1, of: 100, every: 1, from: index, address: 0x1000 + index * 16,
        stack: 1 + UInt32(index % 8))
    }
    #expect(bursts(events).isEmpty)
  }

  @Test func aBurstAfterSlowGrowthCountsOnlyItsOwn() {
    let slow = growth(50, of: 10, every: 100)
    let fast = growth(12, of: 100, every: 1, from: 10_000, address: 0x9000)
    let found = bursts(slow + fast)
    #expect(found.count == 1)
    #expect(found.first?.byteCount == 1200)
    #expect(found.first?.blockCount == 12)
    #expect(found.first?.ticks == Ticks(10_000))
  }

  @Test func burstsFarApartAreTwo() {
    let events =
      growth(15, of: 100, every: 1) + growth(11, of: 100, every: 1, from: 5000, address: 0x9000)
    #expect(bursts(events).map(\.byteCount) == [1500, 1100])
  }

  @Test func aBurstThatGoesOnIsOneHoweverLong() {
    let found = bursts(growth(2000, of: 100, every: 5))
    #expect(found.count == 1)
    #expect(found.first?.byteCount == 200_000)
    #expect(found.first?.endTicks == Ticks(1999 * 5))
  }

  @Test func aBurstIsFoundAcrossTheEdgeOfAWindow() {
    for start: UInt64 in 0..<80 {
      let found = bursts(growth(10, of: 100, every: 8, from: 1000 + start))
      #expect(found.map(\.byteCount) == [1000], "from \(start)")
    }
  }

  @Test func singleLargeBlocksAreNoBurst() {
    let large = [malloc(0x10, 5000, at: 1), malloc(0x20, 5000, at: 2)]
    #expect(bursts(large, large: 5000).isEmpty)
    // Nor do they hide one: their coming and going is as if it had not been.
    let found = bursts(
      large + growth(12, of: 100, every: 1, from: 100, address: 0x9000)
        + [free(0x10, at: 113), free(0x20, at: 114)], large: 5000)
    #expect(found.map(\.byteCount) == [1200])
  }

  @Test func manyBurstsAreCountedAndTheLargestKept() {
    var ledger = HeapLedger(bursts: BurstDetector(threshold: 1000, windowTicks: 80, limit: 10))
    for burst: UInt64 in 0..<200 {
      for event in growth(
        10 + Int(burst % 50), of: 100, every: 1, from: burst * 10_000,
        address: 0x10000 * (burst + 1), stack: 1 + UInt32(burst % 7))
      {
        ledger.apply(event)
      }
    }
    let log = ledger.burstLog()
    #expect(log.totalCount == 200)
    #expect(log.largest().count == 10)
    #expect(log.largest().allSatisfy { $0.byteCount >= 5700 })
  }

  /// Every burst that exists is found, and no other: whenever a site holds, at some instant, the
  /// threshold more than it did within the window before, a burst covers that instant; and in
  /// every burst there is such an instant, give or take a bucket.
  @Test(arguments: 1...10 as ClosedRange<UInt64>)
  func everyGrowthAboveTheThresholdIsCovered(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    var events: [TraceEvent] = []
    var live: [UInt64: UInt64] = [:]
    var held: UInt64 = 0
    var history: [(tick: UInt64, held: UInt64)] = [(0, 0)]
    var sudden: [UInt64] = []
    var nearlySudden: [UInt64] = []
    var tick: UInt64 = 0
    for _ in 0..<3000 {
      tick += .random(in: 0...(seed.isMultiple(of: 2) ? 3 : 12), using: &random)
      let address = UInt64.random(in: 1...120, using: &random) * 16
      if let byteCount = live.removeValue(forKey: address) {
        events.append(free(address, at: tick))
        held -= byteCount
      } else {
        let byteCount = UInt64.random(in: 0...99, using: &random)
        events.append(malloc(address, byteCount, at: tick))
        live[address] = byteCount
        held += byteCount
      }
      history.append((tick, held))
      let before = history.reversed().prefix { $0.tick + 80 >= tick }.map(\.held).min() ?? 0
      if held >= before + 1000 + 1000 / 64 { sudden.append(tick) }
      let longBefore = history.reversed().prefix { $0.tick + 100 >= tick }.map(\.held).min() ?? 0
      if held >= longBefore + 1000 { nearlySudden.append(tick) }
    }
    let found = bursts(events)
    for instant in sudden {
      #expect(
        found.contains { $0.ticks.rawValue <= instant && instant <= $0.endTicks.rawValue + 160 },
        "at \(instant)")
    }
    for burst in found {
      #expect(
        nearlySudden.contains { burst.ticks.rawValue <= $0 && $0 <= burst.endTicks.rawValue },
        "\(burst)")
    }
  }
}
