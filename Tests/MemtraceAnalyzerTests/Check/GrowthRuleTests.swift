// SPDX-License-Identifier: Apache-2.0
//
// What counts as growth by iteration, and what only looks like it for a while.

import MemtraceTestSupport
import Testing

@testable import MemtraceAnalyzer

@Suite struct GrowthRuleTests {
  /// A site of which each batch left `blocks`; `outstanding` is what it held at the marks, by default what
  /// the batches left so far.
  private func series(_ blocks: [UInt64], outstanding: [UInt64]? = nil) -> BatchSeries {
    var series = BatchSeries(batchCount: blocks.count)
    series.blocks = blocks
    series.bytes = blocks.map { $0 * 24 }
    var sum: UInt64 = 0
    series.outstandingBlocks =
      outstanding
      ?? [0]
      + blocks.map {
        sum += $0
        return sum
      }
    series.outstandingBytes = series.outstandingBlocks.map { $0 * 24 }
    return series
  }

  private func grows(_ blocks: [UInt64], outstanding: [UInt64]? = nil) -> Bool {
    GrowthRule.grows(series(blocks, outstanding: outstanding), isOfRuntime: false)
  }

  @Test(
    arguments: [
      [1, 1, 1, 1, 1],  // one block a batch: every 100th iteration of 100
      [100, 100, 100, 100, 100],
      [103, 100, 100, 100, 100],  // what is made once, too
      [100, 100, 100, 100, 117],  // and garbage of the last batch
      [100, 100, 100],
      [100, 100],
      [2, 5, 1, 4, 3, 2, 4, 3],  // left to chance
      [0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1],  // every other batch
      [1, 2, 3, 4, 5, 6],  // faster and faster
      [1 << 40, 1 << 40, 1 << 40, 1 << 40],
    ] as [[UInt64]])
  func everyBatchLeavesSomething(blocks: [UInt64]) {
    #expect(grows(blocks))
  }

  @Test(
    arguments: [
      [],
      [5],
      [0, 0, 0, 0, 0],
      [5, 0, 0, 0, 0],  // made once
      [0, 0, 5, 0, 0],  // made once, later
      [0, 0, 0, 0, 5],  // garbage not collected yet
      [0, 0, 0, 3, 100],
      [0, 0, 0, 0, 0, 30, 100, 100],  // the same, of some batches
      [100, 50, 0, 0, 0],  // a cache that fills and stops
      [1000, 700, 490, 343, 240, 168, 118, 82],  // one that fills with what it does not have yet
      [0, 1, 0, 1, 0],  // too seldom for so few batches
      [1, 0, 0, 1, 0, 0, 0, 0, 1, 0],
    ] as [[UInt64]])
  func whatSettlesIsNoLeak(blocks: [UInt64]) {
    #expect(!grows(blocks))
  }

  @Test func aFullCacheThatReplacesItsOldestIsNoLeak() {
    // 800 entries, 100 replaced by each batch: all of the last eight batches' are still there.
    #expect(
      !grows(
        Array(repeating: 100, count: 8), outstanding: Array(repeating: 800, count: 9)))
    // The same with some garbage at some of the marks.
    #expect(
      !grows(
        Array(repeating: 100, count: 8),
        outstanding: [800, 820, 800, 811, 800, 830, 805, 800, 850]))
  }

  @Test func garbageAtTheMarksHidesNoLeak() {
    #expect(
      grows(
        [10, 10, 10, 10, 10, 10],
        outstanding: [500, 12, 330, 32, 41, 700, 61]))
  }

  @Test func aRuntimesOwnFewBlocksAreNoLeakButManyAre() {
    #expect(!GrowthRule.grows(series([1, 1, 2, 1, 1]), isOfRuntime: true))
    #expect(GrowthRule.grows(series([100, 100, 100, 100, 100]), isOfRuntime: true))
  }

  @Test func aBlockThatBecomesLargerGrows() {
    var series = BatchSeries(batchCount: 5)
    series.blocks = [0, 0, 0, 0, 1]
    series.outstandingBlocks = [1, 1, 1, 1, 1, 1]
    series.outstandingBytes = [100, 200, 300, 400, 500, 600]
    #expect(GrowthRule.swells(series))
    // A vector doubles now and then; whether it goes on for ever is not known.
    series.outstandingBytes = [128, 256, 256, 512, 512, 512]
    #expect(!GrowthRule.swells(series))
    series.outstandingBytes = [100, 200, 300, 400, 500, 600]
    series.outstandingBlocks = [1, 2, 1, 3, 1, 1]
    #expect(!GrowthRule.swells(series))
  }

  @Test func ratesAreOfTheBatchesThatAreJudged() {
    #expect(GrowthRule.perIteration([900, 100, 100, 100, 500], 100) == 1)
    #expect(GrowthRule.perIteration([24, 24, 24, 24], 100) == 0.24)
    #expect(GrowthRule.perIteration([24, 24], 0) == 0)
    #expect(GrowthRule.perIteration([], 100) == 0)
  }

  @Test func randomLeaksAreFoundAndRandomCachesAreNot() {
    var random = SplitMix64(seed: 6)
    var missed = 0
    var falseAlarms = 0
    for _ in 0..<300 {
      // Each iteration loses a block with a chance of one in 50.
      var leak = [UInt64](repeating: 0, count: 8)
      for batch in leak.indices {
        for _ in 0..<500 where random.next() % 50 == 0 { leak[batch] += 1 }
      }
      if !grows(leak) { missed += 1 }
      // Each iteration asks for one of 300 things, which are then kept.
      var cache = [UInt64](repeating: 0, count: 8)
      var known: Set<UInt64> = []
      for iteration in 0..<1200 where known.insert(random.next() % 300).inserted {
        if iteration >= 400 { cache[(iteration - 400) / 100] += 1 }
      }
      if grows(cache) { falseAlarms += 1 }
    }
    // As docs/check.md says.
    #expect(missed <= 300 / 10)
    #expect(falseAlarms <= 300 / 100)
  }
}
