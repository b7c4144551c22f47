// SPDX-License-Identifier: Apache-2.0
//
// Single large blocks: kept with their time, bounded in number.

import Testing
import TraceFile

@testable import MemtraceAnalyzer

@Suite struct LargeAllocationLogTests {
  @Test func theThresholdItselfIsLarge() {
    var ledger = HeapLedger(large: LargeAllocationLog(threshold: 100))
    ledger.apply(malloc(0x10, 99, at: 1))
    ledger.apply(malloc(0x20, 100, at: 2))
    ledger.apply(malloc(0x30, 300, stack: 11, at: 3))
    ledger.apply(free(0x20, at: 9))
    let log = ledger.largeAllocations()
    #expect(log.totalCount == 2)
    #expect(log.totalBytes == 400)
    #expect(
      log.largest() == [
        .init(stack: StackID(11), byteCount: 300, ticks: Ticks(3), endTicks: nil),
        .init(stack: StackID(10), byteCount: 100, ticks: Ticks(2), endTicks: Ticks(9)),
      ])
  }

  @Test func aReusedAddressEndsTheLargeBlock() {
    var ledger = HeapLedger(large: LargeAllocationLog(threshold: 100))
    ledger.apply(malloc(0x10, 100, at: 1))
    ledger.apply(malloc(0x10, 5, at: 2))
    #expect(ledger.largeAllocations().largest().first?.endTicks == Ticks(2))
  }

  @Test func veryManyAreCountedAndTheLargestKept() {
    var log = LargeAllocationLog(threshold: 1, limit: 10)
    for number: UInt64 in 1...10_000 {
      log.began(Address(number), number % 500, StackID(1), at: Ticks(number))
      if number.isMultiple(of: 3) { log.ended(Address(number), at: Ticks(number)) }
    }
    #expect(log.totalCount == 10_000)
    #expect(log.largest().count == 10)
    #expect(log.largest().allSatisfy { $0.byteCount == 499 })
    #expect(log.largest().first?.ticks == Ticks(499))
  }

  @Test func veryManyEqualOnesStayBounded() {
    var log = LargeAllocationLog(threshold: 1, limit: 10)
    for number: UInt64 in 1...10_000 {
      log.began(Address(number), 5, StackID(1), at: Ticks(number))
    }
    #expect(log.totalCount == 10_000)
    #expect(log.largest().count == 10)
  }
}
