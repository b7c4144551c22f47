// SPDX-License-Identifier: Apache-2.0
//
// The heap's books against books kept the slow way, on programs made at random.

import MemtraceTestSupport
import Testing
import TraceFile

@testable import MemtraceAnalyzer

/// Every block in a dictionary.
private struct NaiveBooks {
  struct Block {
    var byteCount: UInt64
    var stack: UInt32
    var isCounted: Bool
  }
  struct Sums: Equatable {
    var allocationCount: UInt64 = 0
    var allocatedBytes: UInt64 = 0
    var outstandingCount: UInt64 = 0
    var outstandingBytes: UInt64 = 0
  }

  var live: [UInt64: Block] = [:]
  var allocated: [UInt32: (count: UInt64, bytes: UInt64)] = [:]
  var freeCount: UInt64 = 0
  var unknownCount: UInt64 = 0
  var reusedCount: UInt64 = 0
  var peakBytes: UInt64 = 0
  let start: UInt64

  init(start: UInt64) { self.start = start }

  var outstandingBytes: UInt64 = 0

  mutating func apply(_ event: TraceEvent) {
    let isCounted = event.ticks.rawValue >= start
    let address = event.address.rawValue
    switch event.kind {
    case .allocated:
      let block = Block(
        byteCount: event.byteCount, stack: event.stack.rawValue, isCounted: isCounted)
      if let old = live.updateValue(block, forKey: address) {
        reusedCount += 1
        if old.isCounted { outstandingBytes -= old.byteCount }
      }
      if isCounted {
        outstandingBytes += event.byteCount
        note(event.stack.rawValue, 1, event.byteCount)
      }
    case .freed:
      if let block = live.removeValue(forKey: address) {
        if block.isCounted {
          freeCount += 1
          outstandingBytes -= block.byteCount
        }
      } else if isCounted {
        unknownCount += 1
      }
    case .folded:
      guard isCounted else { return }
      note(event.stack.rawValue, UInt64(event.foldedCount), event.byteCount)
      freeCount += UInt64(event.foldedCount)
    case .foldedPeak:
      if isCounted { peakBytes = max(peakBytes, outstandingBytes + event.byteCount) }
    case .mapped, .unmapped: break
    }
    if isCounted { peakBytes = max(peakBytes, outstandingBytes) }
  }

  private mutating func note(_ stack: UInt32, _ count: UInt64, _ bytes: UInt64) {
    let old = allocated[stack] ?? (0, 0)
    allocated[stack] = (old.count + count, old.bytes + bytes)
  }

  var sites: [UInt32: Sums] {
    var sites = allocated.mapValues { Sums(allocationCount: $0.count, allocatedBytes: $0.bytes) }
    for block in live.values where block.isCounted {
      sites[block.stack, default: Sums()].outstandingCount += 1
      sites[block.stack, default: Sums()].outstandingBytes += block.byteCount
    }
    return sites
  }
}

@Suite struct HeapLedgerOracleTests {
  @Test(arguments: 1...12 as ClosedRange<UInt64>)
  func theBooksAgreeWithOnesKeptTheSlowWay(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    let start: UInt64 = seed % 3 == 0 ? 400 : 0
    var ledger = HeapLedger(
      start: Ticks(start), large: LargeAllocationLog(threshold: 900),
      bursts: BurstDetector(threshold: 500, windowTicks: 50))
    var naive = NaiveBooks(start: start)
    for tick: UInt64 in 0..<1500 {
      let event = Self.event(at: tick, using: &random)
      ledger.apply(event)
      naive.apply(event)
      if tick % 100 == 0 { ledger.checkInvariants() }
    }
    ledger.checkInvariants()
    expect(ledger, toAgreeWith: naive)
  }

  /// Tables that outgrow the caches, entered in runs: what is fetched ahead changes nothing.
  @Test(arguments: 1...3 as ClosedRange<UInt64>)
  func theBooksOfManyBlocksAndStacksAgree(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    var events: [TraceEvent] = []
    for tick: UInt64 in 0..<150_000 {
      // Blocks come, go and stay by turns.
      let stays = Int.random(in: 0..<100, using: &random) < (tick / 30_000 % 2 == 0 ? 80 : 35)
      let address = UInt64.random(in: 1...60_000, using: &random) * 16
      let stack = UInt32.random(in: 0...40_000, using: &random)
      if stays {
        events.append(
          malloc(address, .random(in: 0...1000, using: &random), stack: stack, at: tick))
      } else {
        events.append(free(address, at: tick))
      }
      if tick % 1000 == 0 { events.append(mmap(address, 4096, at: tick)) }
    }
    var ledger = HeapLedger(start: Ticks(seed == 3 ? 50_000 : 0))
    var naive = NaiveBooks(start: seed == 3 ? 50_000 : 0)
    var rest = events[...]
    var mappingCount = 0
    while !rest.isEmpty {
      let run = Array(rest.prefix(.random(in: 1...700, using: &random)))
      rest.removeFirst(run.count)
      mappingCount += run.withUnsafeBufferPointer { ledger.apply($0) }
    }
    for event in events { naive.apply(event) }
    ledger.checkInvariants()
    #expect(mappingCount == 150)
    expect(ledger, toAgreeWith: naive)
  }

  private func expect(_ ledger: borrowing HeapLedger, toAgreeWith naive: NaiveBooks) {
    let totals = ledger.totals
    #expect(totals.outstandingBytes == naive.outstandingBytes)
    #expect(totals.freeCount == naive.freeCount)
    #expect(totals.unknownFreeCount == naive.unknownCount)
    #expect(totals.reusedAddressCount == naive.reusedCount)
    #expect(totals.peakBytes == naive.peakBytes)
    // Blocks without a stack stand on a site of their own, too.
    let sites = ledger.usedSites().map { site in
      (
        site.stack.rawValue,
        NaiveBooks.Sums(
          allocationCount: site.allocationCount, allocatedBytes: site.allocatedBytes,
          outstandingCount: site.outstandingCount, outstandingBytes: site.outstandingBytes)
      )
    }
    #expect(Dictionary(uniqueKeysWithValues: sites) == naive.sites)
  }

  private static func event(at tick: UInt64, using random: inout SplitMix64) -> TraceEvent {
    let address = UInt64.random(in: 1...60, using: &random) * 16
    let stack = UInt32.random(in: 1...8, using: &random)
    switch Int.random(in: 0..<100, using: &random) {
    case ..<45:
      return malloc(address, .random(in: 0...1000, using: &random), stack: stack, at: tick)
    case ..<90: return free(address, at: tick)
    case ..<96:
      return folded(
        .random(in: 1...9, using: &random), .random(in: 0...999, using: &random), stack: stack,
        at: tick)
    default: return foldedPeak(.random(in: 0...5000, using: &random), at: tick)
    }
  }
}
