// SPDX-License-Identifier: Apache-2.0
//
// Ranking, cutting and merging sites, against the slow way to do it.

import MemtraceTestSupport
import Symbolication
import Testing
import TraceFile

@testable import MemtraceAnalyzer

@Suite struct SiteListTests {
  /// A heap of random sites, some of which hold nothing any more.
  private func heap(_ random: inout SplitMix64, siteCount: UInt32) -> HeapLedger {
    var heap = HeapLedger()
    var address: UInt64 = 0x1000
    for stack in 1...siteCount {
      for _ in 0..<UInt64.random(in: 1...3, using: &random) {
        heap.apply(
          malloc(address, .random(in: 0...20, using: &random), stack: stack, at: address))
        if random.next() % 2 == 0 { heap.apply(free(address, at: address + 1)) }
        address += 16
      }
    }
    return heap
  }

  @Test(arguments: SiteOrder.allCases)
  func theFirstAreThoseOfASort(order: SiteOrder) {
    var random = SplitMix64(seed: 3)
    let heap = heap(&random, siteCount: 700)
    let list = SiteList(heap, order: order)
    let used = heap.usedSites()
    let sorted = used.filter { order.listsFreedSites || $0.outstandingCount > 0 }
      .sorted(by: order.isBefore)
    #expect(list.siteCount == 700)
    #expect(list.outstandingSiteCount == used.count { $0.outstandingCount > 0 })
    #expect(list.outstandingSiteCount < 700)
    #expect(list.first(nil) == sorted)
    for limit in [0, 1, 2, 10, 64, 100, sorted.count, 1000] {
      #expect(list.first(limit) == Array(sorted.prefix(limit)), "\(limit)")
    }
  }

  @Test func mergedSitesHaveTheStackOfTheFirstAndTheSumOfAll() throws {
    var random = SplitMix64(seed: 4)
    let heap = heap(&random, siteCount: 300)
    var nodes = StackNodes()
    // As many stacks, of which those look the same whose address has the same last digit.
    let stacks = (1...300 as ClosedRange<UInt64>).map { nodes.stack([$0]) }
    let byID = Dictionary(uniqueKeysWithValues: stacks.enumerated().map { ($1, $0) })
    let table = nodes.table
    let resolver = StackResolver(
      stacks,
      meanings: StackMeanings(
        stacks: table, images: [], history: GeneratedCodeHistory([CodeName]())))
    var list = SiteList(heap, order: .outstanding)
    list.keep { byID[$0] != nil }
    let before = list.sites
    #expect(before.count > 100)
    func digit(_ stack: StackID) -> UInt64 {
      (table.frames(of: stack).first { _ in true }?.address.rawValue ?? 0) % 10
    }
    var symbolicator = FakeSymbolicator()
    let frames = resolver.frames(using: &symbolicator)
    let looks = frames.indices.map { UInt32(frames[$0][0].address % 10) }
    list.merge(by: try #require(resolver.numbers(byLooks: looks)))

    let groups = Dictionary(grouping: before) { digit($0.stack) }
    #expect(list.sites.count == groups.count)
    for site in list.sites {
      let group = try #require(groups[digit(site.stack)])
      #expect(site.outstandingBytes == group.reduce(0) { $0 + $1.outstandingBytes })
      #expect(site.allocationCount == group.reduce(0) { $0 + $1.allocationCount })
      #expect(site.firstTicks == group.map(\.firstTicks).min())
      #expect(site.lastTicks == group.map(\.lastTicks).max())
      #expect(site.stack == group.sorted(by: SiteOrder.outstanding.isBefore).first?.stack)
    }
  }
}
