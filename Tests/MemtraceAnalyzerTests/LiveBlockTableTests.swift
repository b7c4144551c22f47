// SPDX-License-Identifier: Apache-2.0
//
// The flat table against a dictionary.

import MemtraceTestSupport
import Testing

@testable import MemtraceAnalyzer

@Suite struct LiveBlockTableTests {
  private func block(_ byteCount: UInt64, _ site: UInt32 = 7) -> LiveBlockTable.Block {
    LiveBlockTable.Block(byteCount: byteCount, site: SiteIndex(rawValue: site))
  }

  @Test func whatWasPutInComesOutOnce() {
    var table = LiveBlockTable()
    #expect(table.insert(0x1000, block(64)) == nil)
    #expect(table.remove(0x1008) == nil)
    #expect(table.remove(0x1000) == block(64))
    #expect(table.remove(0x1000) == nil)
    #expect(table.count == 0)
  }

  @Test func anAddressHoldsOneBlock() {
    var table = LiveBlockTable()
    #expect(table.insert(0x1000, block(64, 1)) == nil)
    #expect(table.insert(0x1000, block(32, 2)) == block(64, 1))
    #expect(table.count == 1)
    #expect(table.remove(0x1000) == block(32, 2))
  }

  @Test func sizesBeyondFourGigabytesAreExact() {
    var table = LiveBlockTable()
    let sizes: [UInt64] = [
      UInt64(UInt32.max) - 1, UInt64(UInt32.max), UInt64(UInt32.max) + 1, 1 << 40, .max,
    ]
    for (index, size) in sizes.enumerated() {
      #expect(table.insert(UInt64(index), block(size)) == nil)
    }
    // A huge block gives way to a small one, and the other way round.
    #expect(table.insert(4, block(5)) == block(.max))
    #expect(table.insert(0, block(.max)) == block(sizes[0]))
    #expect(table.remove(4) == block(5))
    #expect(table.remove(0) == block(.max))
    for index in 1..<4 { #expect(table.remove(UInt64(index)) == block(sizes[index])) }
  }

  @Test(arguments: [1, 3, 0x9e37_79b9_7f4a_7c15] as [UInt64])
  func itAgreesWithADictionary(multiplier: UInt64) {
    var random = SplitMix64(seed: multiplier)
    // With a multiplier of 1 addresses collide in long runs, which is what is to be tested.
    var table = LiveBlockTable(multiplier: multiplier)
    var expected: [UInt64: LiveBlockTable.Block] = [:]
    for step in 0..<60_000 {
      let range: UInt64 = step % 20_000 < 10_000 ? 12_000 : 300
      let address = UInt64.random(in: 0..<range, using: &random) * (step % 3 == 0 ? 4096 : 16)
      if Bool.random(using: &random) {
        let new = block(.random(in: 0...100, using: &random), .random(in: 1...9, using: &random))
        #expect(table.insert(address, new) == expected.updateValue(new, forKey: address))
      } else {
        #expect(table.remove(address) == expected.removeValue(forKey: address))
      }
      if step % 5000 == 0 { table.checkInvariants() }
    }
    table.checkInvariants()
    #expect(table.count == expected.count)
    var found: [UInt64: LiveBlockTable.Block] = [:]
    table.forEach { found[$0] = $1 }
    #expect(found == expected)
  }

  @Test func aSlotIsUsedAgainByTheAddressThatLeftIt() {
    var table = LiveBlockTable()
    for round: UInt64 in 1...10_000 {
      #expect(table.insert(round % 100 * 16, block(round)) == nil)
      #expect(table.remove(round % 100 * 16) == block(round))
    }
    #expect(table.capacity == LiveBlockTable().capacity)
    #expect(table.renewedCount == 0)
    table.checkInvariants()
  }

  @Test func theSiteOfABlockIsToldAtTheFirstLookOrNotAtAll() {
    // Drawn at random, one multiplier in some hundreds crowds blocks in a row.
    var table = LiveBlockTable(multiplier: 0x9E37_79B9_7F4A_7C15)
    #expect(table.siteAtFirstLook(0) == nil)
    _ = table.insert(0x1000, block(1, 5))
    #expect(table.siteAtFirstLook(0x1000) == SiteIndex(rawValue: 5))
    _ = table.remove(0x1000)
    #expect(table.siteAtFirstLook(0x1000) == nil)
    for address in 1...3000 as ClosedRange<UInt64> {
      _ = table.insert(address * 16, block(1, UInt32(address)))
    }
    let known = (1...3000 as ClosedRange<UInt64>).compactMap { address in
      table.siteAtFirstLook(address * 16).map { ($0.rawValue, UInt32(address)) }
    }
    #expect(known.allSatisfy { $0 == $1 })
    #expect(known.count > 1500)
  }

  /// However addresses come and go, what is done to keep the table in order is a few slots an
  /// event.
  @Test(arguments: [1, 100, 4000, 20_000] as [Int])
  func noOrderOfEventsMakesTheTableDoMuchMore(liveCount: Int) {
    var table = LiveBlockTable()
    let eventCount = 400_000
    // Never an address twice, so that every slot dies once.
    for address in 0..<UInt64(eventCount / 2) {
      _ = table.insert(address * 16, block(1))
      if address >= UInt64(liveCount) { _ = table.remove((address - UInt64(liveCount)) * 16) }
    }
    table.checkInvariants()
    #expect(table.count == liveCount)
    #expect(table.renewedCount <= 4 * eventCount)
    #expect(table.capacity <= max(LiveBlockTable().capacity, 8 * liveCount))
  }
}
