// SPDX-License-Identifier: Apache-2.0
//
// Later ranges hide earlier ones, and nothing else is covered.

import Testing

@testable import Symbolication

struct LayeredRangesTests {
  @Test func nothingIsCoveredByNoRange() {
    #expect(LayeredRanges([]).top(at: 0) == nil)
    #expect(LayeredRanges([5..<5]).top(at: 5) == nil)
  }

  @Test func aRangeCoversItsStartAndNotItsEnd() {
    let ranges = LayeredRanges([10..<20])
    #expect([9, 10, 19, 20].map { ranges.top(at: $0) } == [nil, 0, 0, nil])
  }

  @Test func aLaterRangeHidesTheMiddleOfAnEarlierOne() {
    let ranges = LayeredRanges([10..<40, 20..<30])
    #expect([10, 19, 20, 29, 30, 39, 40].map { ranges.top(at: $0) } == [0, 0, 1, 1, 0, 0, nil])
  }

  @Test func anEarlierRangeInsideALaterOneIsHidden() {
    let ranges = LayeredRanges([20..<30, 10..<40])
    #expect([15, 25, 35].map { ranges.top(at: $0) } == [1, 1, 1])
  }

  @Test func theHighestAddressesCanBeCovered() {
    let ranges = LayeredRanges([UInt64.max - 1..<UInt64.max])
    #expect(ranges.top(at: .max - 1) == 0)
    #expect(ranges.top(at: .max) == nil)
  }

  @Test func manyRangesAgreeWithALinearSearch() {
    var generator = Seeded(state: 1)
    for _ in 0..<200 {
      let ranges = (0..<Int.random(in: 1..<40, using: &generator)).map { _ in
        let start = UInt64.random(in: 0..<100, using: &generator)
        return start..<(start + UInt64.random(in: 0..<30, using: &generator))
      }
      let layered = LayeredRanges(ranges)
      for address in UInt64(0)..<140 {
        #expect(layered.top(at: address) == ranges.lastIndex { $0.contains(address) })
      }
    }
  }
}
