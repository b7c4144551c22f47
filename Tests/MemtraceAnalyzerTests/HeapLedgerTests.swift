// SPDX-License-Identifier: Apache-2.0
//
// The heap's books on short lists of events: each test is one sentence about them.

import CTraceFormat
import Testing
import TraceFile

@testable import MemtraceAnalyzer

@Suite struct HeapLedgerTests {
  private func totals(
    _ events: [TraceEvent], start: UInt64 = 0, firstPause: UInt64 = .max
  ) -> (heap: HeapTotals, sites: [UInt32: SiteTotals]) {
    var ledger = HeapLedger(start: Ticks(start), firstPause: Ticks(firstPause))
    for event in events {
      ledger.apply(event)
      ledger.checkInvariants()
    }
    let sites = ledger.usedSites().map { ($0.stack.rawValue, $0) }
    return (ledger.totals, Dictionary(uniqueKeysWithValues: sites))
  }

  @Test func aFreedBlockIsNotALeak() {
    let (heap, sites) = totals([malloc(0x10, 64), free(0x10)])
    #expect(heap.outstandingCount == 0)
    #expect(heap.outstandingBytes == 0)
    #expect(heap.allocationCount == 1)
    #expect(heap.allocatedBytes == 64)
    #expect(heap.freeCount == 1)
    #expect(heap.eventCount == 2)
    #expect(sites[10]?.outstandingCount == 0)
    #expect(sites[10]?.allocationCount == 1)
  }

  @Test func aBlockThatIsNotFreedIsOutstandingAtItsStack() {
    let (heap, sites) = totals([malloc(0x10, 64), malloc(0x20, 1, stack: 11), free(0x20)])
    #expect(heap.outstandingCount == 1)
    #expect(heap.outstandingBytes == 64)
    #expect(sites[10]?.outstandingBytes == 64)
    #expect(sites[11]?.outstandingBytes == 0)
  }

  @Test func aBlockOfNoBytesIsOutstandingAllTheSame() {
    let (heap, sites) = totals([malloc(0x10, 0)])
    #expect(heap.outstandingCount == 1)
    #expect(heap.outstandingBytes == 0)
    #expect(sites[10]?.outstandingCount == 1)
  }

  @Test func thePeakIsTheMostThatWasOutstandingAtOnce() {
    let (heap, sites) = totals([
      malloc(0x10, 50, at: 1), malloc(0x20, 60, stack: 11, at: 2), free(0x10, at: 3),
      malloc(0x30, 40, at: 4),
    ])
    #expect(heap.peakBytes == 110)
    #expect(heap.peakTicks == Ticks(2))
    #expect(sites[10]?.peakBytes == 50)
    #expect(sites[11]?.peakBytes == 60)
  }

  @Test func reallocEndsOneBlockAndBeginsAnother() {
    let (heap, sites) = totals([
      malloc(0x10, 10), free(0x10, function: .reallocFree),
      malloc(0x10, 100, stack: 11, function: .realloc),
    ])
    #expect(heap.allocationCount == 2)
    #expect(heap.freeCount == 1)
    #expect(heap.outstandingBytes == 100)
    #expect(sites[11]?.outstandingBytes == 100)
    #expect(heap.reusedAddressCount == 0)
  }

  @Test func aBlockAtALiveAddressEndsTheOldOneUnseen() {
    let (heap, sites) = totals([malloc(0x10, 10), malloc(0x10, 7, stack: 11), free(0x10)])
    #expect(heap.reusedAddressCount == 1)
    #expect(heap.outstandingCount == 0)
    #expect(heap.outstandingBytes == 0)
    #expect(heap.freeCount == 1)
    #expect(sites[10]?.outstandingCount == 0)
    #expect(sites[11]?.outstandingCount == 0)
  }

  @Test func aFreeOfNothingIsCountedAndChangesNothing() {
    let (heap, _) = totals([malloc(0x10, 10), free(0x20), free(0x10), free(0x10)])
    #expect(heap.unknownFreeCount == 2)
    #expect(heap.freeCount == 1)
    #expect(heap.outstandingBytes == 0)
  }

  @Test func freesOfUnknownBlocksAreCountedApartAfterAPause() {
    let (heap, _) = totals(
      [free(0x10, at: 4), free(0x20, at: 5), free(0x30, at: 6)], firstPause: 5)
    #expect(heap.unknownFreeCount == 1)
    #expect(heap.unknownFreeCountAfterPause == 2)
  }

  @Test func foldedBlocksCountAsAllocatedAndFreed() {
    let (heap, sites) = totals([malloc(0x10, 8), folded(5, 500, temporary: 3)])
    #expect(heap.allocationCount == 6)
    #expect(heap.allocatedBytes == 508)
    #expect(heap.freeCount == 5)
    #expect(heap.temporaryCount == 3)
    #expect(heap.outstandingCount == 1)
    #expect(heap.outstandingBytes == 8)
    #expect(heap.eventCount == 11)
    #expect(sites[10]?.allocationCount == 6)
    #expect(sites[10]?.temporaryCount == 3)
    #expect(sites[10]?.outstandingBytes == 8)
  }

  @Test func foldedBlocksRaiseThePeakAtTheirInstantOnly() {
    let (heap, _) = totals([
      malloc(0x10, 100, at: 1), foldedPeak(30, at: 2), malloc(0x20, 10, at: 3), free(0x10, at: 4),
      foldedPeak(60, at: 5),
    ])
    #expect(heap.peakBytes == 130)
    #expect(heap.peakTicks == Ticks(2))
    #expect(heap.outstandingBytes == 10)
  }

  @Test func aBlockThatItsThreadFreedNextIsTemporary() {
    let (heap, sites) = totals([
      malloc(0x10, 8), malloc(0x20, 8, stack: 11), free(0x10, isTemporary: true), free(0x20),
      free(0x30, isTemporary: true),
    ])
    #expect(heap.temporaryCount == 1)
    #expect(sites[10]?.temporaryCount == 1)
    #expect(sites[11]?.temporaryCount == 0)
  }

  @Test func whatBeganBeforeTheStartIsKnownButNotCounted() {
    let (heap, sites) = totals(
      [
        malloc(0x10, 100, at: 1), malloc(0x20, 100, at: 2), free(0x99, at: 3),
        folded(9, 900, at: 3), malloc(0x30, 7, stack: 11, at: 10), free(0x10, at: 11),
        malloc(0x20, 5, stack: 11, at: 12), free(0x77, at: 13),
      ], start: 10)
    #expect(heap.allocationCount == 2)
    #expect(heap.allocatedBytes == 12)
    #expect(heap.outstandingBytes == 12)
    #expect(heap.freeCount == 0)
    #expect(heap.peakBytes == 12)
    #expect(heap.unknownFreeCount == 1)
    #expect(heap.reusedAddressCount == 1)
    #expect(sites[10] == nil)
    #expect(sites[11]?.outstandingCount == 2)
  }

  @Test func whatMemtraceItselfAllocatesIsInNoSum() {
    let own = AllocationFunction(rawValue: UInt8(MT_OWN.rawValue))
    let (heap, sites) = totals([
      malloc(0x10, 100, function: own), malloc(0x20, 8), free(0x10),
      malloc(0x30, 100, function: own),
    ])
    #expect(heap.allocationCount == 1)
    #expect(heap.outstandingBytes == 8)
    #expect(heap.freeCount == 0)
    #expect(heap.unknownFreeCount == 0)
    #expect(sites.count == 1)
  }

  @Test func aSiteKnowsItsFunctionsAndItsFirstAndLastAllocation() {
    let (_, sites) = totals([
      malloc(0x10, 8, at: 3, function: .malloc), malloc(0x20, 8, at: 9, function: .newArray),
      free(0x10, at: 12),
    ])
    let site = sites[10]
    #expect(site?.firstTicks == Ticks(3))
    #expect(site?.lastTicks == Ticks(9))
    #expect(site?.functionBits == 1 << MT_MALLOC.rawValue | 1 << MT_NEW_ARRAY.rawValue)
  }

  @Test func equalStacksAreOneSiteAndUnknownOnesShareOne() {
    var ledger = HeapLedger(canonical: { stack in
      switch stack.rawValue {
      case 1...100: StackID((stack.rawValue + 9) / 10 * 10)
      default: StackID(0)
      }
    })
    for stack: UInt32 in [10, 1, 5, 11, 20, 0, 4_000_000_000, 3_000_000_000] {
      ledger.apply(malloc(UInt64(stack) * 16 + 0x100, 1, stack: stack))
      ledger.checkInvariants()
    }
    let counts = Dictionary(
      uniqueKeysWithValues: ledger.usedSites().map { ($0.stack.rawValue, $0.outstandingCount) })
    #expect(counts == [10: 3, 20: 2, 0: 3])
  }

  @Test func impossibleSizesWrapAndDoNotTrap() {
    let (heap, _) = totals([
      malloc(0x10, .max), malloc(0x20, .max), free(0x10), malloc(0x30, 1), folded(.max, .max),
    ])
    #expect(heap.outstandingCount == 2)
  }
}
