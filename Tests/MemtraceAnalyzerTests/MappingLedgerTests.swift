// SPDX-License-Identifier: Apache-2.0
//
// The books of mappings: parts, overlays, moves; and all of them against a map of single pages.

import MemtraceTestSupport
import Testing
import TraceFile

@testable import MemtraceAnalyzer

@Suite struct MappingLedgerTests {
  private func ledger(_ events: [TraceEvent], start: UInt64 = 0) -> MappingLedger {
    var ledger = MappingLedger(start: Ticks(start))
    for event in events {
      ledger.apply(event)
      ledger.checkInvariants()
    }
    return ledger
  }

  private func bytes(_ ledger: MappingLedger) -> [UInt32: UInt64] {
    Dictionary(
      uniqueKeysWithValues: ledger.outstandingSites().map {
        ($0.stack.rawValue, $0.totals.outstandingBytes)
      })
  }

  @Test func whatIsUnmappedIsNotOutstanding() {
    let ledger = ledger([mmap(0x10000, 0x4000), munmap(0x10000, 0x4000)])
    #expect(ledger.totals.outstandingBytes == 0)
    #expect(ledger.totals.outstandingCount == 0)
    #expect(ledger.totals.mappedBytes == 0x4000)
    #expect(ledger.totals.mappedCount == 1)
    #expect(ledger.outstandingSites().isEmpty)
  }

  @Test func aHoleInTheMiddleLeavesTwoPieces() {
    let ledger = ledger([mmap(0x10000, 0x4000), munmap(0x11000, 0x1000)])
    #expect(ledger.totals.outstandingBytes == 0x3000)
    #expect(ledger.totals.outstandingCount == 2)
  }

  @Test func headAndTailMayBeCutOff() {
    // What an allocator does that wants 0x2000 bytes at a multiple of 0x2000.
    let ledger = ledger([mmap(0x11000, 0x4000), munmap(0x11000, 0x1000), munmap(0x14000, 0x1000)])
    #expect(ledger.totals.outstandingBytes == 0x2000)
    #expect(ledger.totals.outstandingCount == 1)
  }

  @Test func oneUnmappingMayEndManyMappings() {
    let ledger = ledger([
      mmap(0x10000, 0x1000, stack: 1), mmap(0x12000, 0x1000, stack: 2),
      mmap(0x14000, 0x2000, stack: 3), munmap(0x10000, 0x5000),
    ])
    #expect(bytes(ledger) == [3: 0x1000])
  }

  @Test func aFixedMappingReplacesWhatWasThere() {
    let ledger = ledger([
      mmap(0x10000, 0x8000, stack: 1, mapping: reservedMemory),
      mmap(0x12000, 0x2000, stack: 2, mapping: anonymousMemory),
    ])
    #expect(bytes(ledger) == [1: 0x6000, 2: 0x2000])
    #expect(ledger.totals.reservedBytes == 0x6000)
    #expect(ledger.totals.anonymousBytes == 0x2000)
    #expect(ledger.totals.outstandingBytes == 0x8000)
  }

  @Test func kindsAreToldApart() {
    let ledger = ledger([
      mmap(0x10000, 0x1000, mapping: anonymousMemory), mmap(0x20000, 0x2000, mapping: fileMemory),
      mmap(0x30000, 0x4000, mapping: reservedMemory),
    ])
    #expect(ledger.totals.anonymousBytes == 0x1000)
    #expect(ledger.totals.fileBytes == 0x2000)
    #expect(ledger.totals.reservedBytes == 0x4000)
  }

  @Test func aMovedMappingStaysOfItsKind() {
    let ledger = ledger([
      mmap(0x20000, 0x1000, stack: 1, mapping: fileMemory),
      munmap(0x20000, 0x1000, function: .mremapUnmap),
      mmap(0x30000, 0x3000, stack: 2, mapping: 0, function: .mremap),
    ])
    #expect(bytes(ledger) == [2: 0x3000])
    #expect(ledger.totals.fileBytes == 0x3000)
    #expect(ledger.totals.reservedBytes == 0)
  }

  @Test func aMappingThatGrowsInPlaceStaysOfItsKind() {
    let ledger = ledger([
      mmap(0x20000, 0x1000, mapping: fileMemory),
      mmap(0x20000, 0x3000, mapping: 0, function: .mremap),
    ])
    #expect(ledger.totals.fileBytes == 0x3000)
    #expect(ledger.totals.outstandingCount == 1)
  }

  @Test func whatWasMappedBeforeTheStartIsNotCounted() {
    let ledger = ledger(
      [
        mmap(0x10000, 0x4000, stack: 1, at: 1), mmap(0x20000, 0x1000, stack: 2, at: 10),
        munmap(0x11000, 0x1000, at: 11),
      ], start: 10)
    #expect(bytes(ledger) == [2: 0x1000])
    #expect(ledger.totals.mappedCount == 1)
  }

  @Test func rangesThatWrapOrAreEmptyAreIgnored() {
    let ledger = ledger([
      mmap(.max - 10, 100), mmap(0x1000, 0), munmap(.max, .max), munmap(0, .max),
    ])
    #expect(ledger.totals.outstandingCount == 0)
  }

  @Test(arguments: 1...8 as ClosedRange<UInt64>)
  func theBooksAgreeWithAMapOfPages(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    let pageCount = seed.isMultiple(of: 2) ? 40 : 3000
    var pages = [UInt32](repeating: 0, count: pageCount)
    var ledger = MappingLedger()
    for _ in 0..<3000 {
      let first = Int.random(in: 0..<pageCount, using: &random)
      let count = min(.random(in: 1...12, using: &random), pageCount - first)
      let address = 0x100000 + UInt64(first) * 4096
      if Bool.random(using: &random) {
        let stack = UInt32.random(in: 1...6, using: &random)
        ledger.apply(mmap(address, UInt64(count) * 4096, stack: stack))
        for page in first..<first + count { pages[page] = stack }
      } else {
        ledger.apply(munmap(address, UInt64(count) * 4096))
        for page in first..<first + count { pages[page] = 0 }
      }
    }
    ledger.checkInvariants()
    var expected: [UInt32: UInt64] = [:]
    for stack in pages where stack != 0 { expected[stack, default: 0] += 4096 }
    #expect(bytes(ledger) == expected)
  }
}
