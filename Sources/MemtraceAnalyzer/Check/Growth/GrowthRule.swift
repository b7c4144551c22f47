// SPDX-License-Identifier: Apache-2.0
//
// When a site's memory grows with the iterations, and when it only has not come to rest yet. The rule
// and its reasons are written down for users in docs/check.md.

/// What is known of one site, batch by batch.
package struct BatchSeries: Hashable, Sendable {
  /// Of each batch: blocks that began in it and are still there at the last mark.
  var blocks: [UInt64]
  var bytes: [UInt64]
  /// At each mark, one more than there are batches: all that was outstanding.
  var outstandingBlocks: [UInt64]
  var outstandingBytes: [UInt64]

  init(batchCount: Int) {
    blocks = Array(repeating: 0, count: batchCount)
    bytes = blocks
    outstandingBlocks = Array(repeating: 0, count: batchCount + 1)
    outstandingBytes = outstandingBlocks
  }

  mutating func merge(_ other: BatchSeries) {
    for index in blocks.indices {
      blocks[index] &+= other.blocks[index]
      bytes[index] &+= other.bytes[index]
    }
    for index in outstandingBlocks.indices {
      outstandingBlocks[index] &+= other.outstandingBlocks[index]
      outstandingBytes[index] &+= other.outstandingBytes[index]
    }
  }

  /// How far the batches are from having left the same number of blocks.
  var spread: UInt64 { (blocks.max() ?? 0) &- (blocks.min() ?? 0) }
}

/// Tells a leak from what settles.
enum GrowthRule {
  /// Batches that are judged: the first may have what is made once, and of the last the garbage may
  /// not have been collected yet.
  static func evidence(of batchCount: Int) -> Range<Int> {
    switch batchCount {
    case ...2: 0..<batchCount
    case 3: 1..<3
    default: 1..<batchCount - 1
    }
  }

  /// The fewest blocks that a batch must have left, where nobody's own code had a part in it: engines
  /// keep a few of their own now and then.
  static let fewestOfRuntime: UInt64 = 3

  /// Whether blocks of the batches pile up; `isOfRuntime` where no native code but the runtime's is in
  /// the stack.
  static func grows(_ series: BatchSeries, isOfRuntime: Bool) -> Bool {
    let evidence = evidence(of: series.blocks.count)
    let blocks = Array(series.blocks[evidence])
    let sum = blocks.reduce(0, &+)
    guard blocks.count > 1, sum >= min(3, UInt64(blocks.count)) else { return false }
    let fewest = isOfRuntime ? fewestOfRuntime : 1
    return isInEvery(blocks, fewest: fewest) && !isOfLate(blocks)
      && !settles(Array(series.blocks[evidence.lowerBound...]))
      && rises(series, evidence, by: sum)
  }

  /// Whether every batch left something; where that is less than one block a batch, every few.
  private static func isInEvery(_ blocks: [UInt64], fewest: UInt64) -> Bool {
    if blocks.allSatisfy({ $0 >= fewest }) { return true }
    var width = 2
    while blocks.count / width >= 3 {
      let groupCount = blocks.count / width
      let rest = blocks.count % width
      // What does not make a group goes with the first.
      let groups = (0..<groupCount).map { index in
        let start = index == 0 ? 0 : rest + index * width
        return blocks[start..<rest + (index + 1) * width].reduce(0, &+)
      }
      // One block in each group may be chance, two are not.
      if groups.allSatisfy({ $0 >= max(2, fewest) }) { return true }
      width += 1
    }
    return false
  }

  /// By how many deviations the blocks of a batch must decline to be no leak: one leak in twenty that
  /// is left to chance looks so, too.
  private static let clearDecline = 1.5

  /// Whether a cache is being filled: the later batches leave less and less.
  ///
  /// `blocks` may end with a batch that has garbage; that only hides a decline.
  private static func settles(_ blocks: [UInt64]) -> Bool {
    let half = blocks.count / 2
    let early = Double(blocks.prefix(half).reduce(0, &+))
    let late = Double(blocks.suffix(half).reduce(0, &+))
    guard late < 0.9 * early else { return false }
    // The slope, over what it would deviate by if every batch had the same chance of each block.
    let middle = Double(blocks.count - 1) / 2
    var slope = 0.0
    var squares = 0.0
    var sum = 0.0
    for (index, count) in blocks.enumerated() {
      slope += (Double(index) - middle) * Double(count)
      squares += (Double(index) - middle) * (Double(index) - middle)
      sum += Double(count)
    }
    let deviation = (sum / Double(blocks.count) * squares).squareRoot()
    return slope < -clearDecline * deviation
  }

  /// Whether nearly all is of the last batches: garbage that was not collected yet.
  private static func isOfLate(_ blocks: [UInt64]) -> Bool {
    let half = blocks.count / 2
    let early = Double(blocks.prefix(half).reduce(0, &+))
    let late = Double(blocks.suffix(half).reduce(0, &+))
    return late > 4 * early + 2 * (early + late).squareRoot()
  }

  /// Whether what was outstanding at the marks rises with it.
  ///
  /// In a full cache it does not: every new block replaces one. Garbage only adds, so the lowest values
  /// are compared.
  private static func rises(_ series: BatchSeries, _ evidence: Range<Int>, by sum: UInt64) -> Bool {
    let outstanding = series.outstandingBlocks
    let middle = (evidence.lowerBound + evidence.upperBound + 1) / 2
    guard let early = outstanding[evidence.lowerBound..<middle].min(),
      let late = outstanding[middle...].min()
    else { return false }
    return late > early && (late - early) >= (sum + 3) / 4
  }

  /// Whether it is one block, or a fixed number, that becomes larger and larger (`realloc`).
  static func swells(_ series: BatchSeries) -> Bool {
    let evidence = evidence(of: series.blocks.count)
    let marks = evidence.lowerBound...evidence.upperBound
    guard evidence.count >= 3, let count = series.outstandingBlocks[marks].first, count > 0,
      series.outstandingBlocks[marks].allSatisfy({ $0 == count })
    else { return false }
    return evidence.allSatisfy { series.outstandingBytes[$0 + 1] > series.outstandingBytes[$0] }
  }

  /// What an iteration adds, on average over the batches that are judged.
  static func perIteration(_ amounts: [UInt64], _ iterationCount: UInt64) -> Double {
    let evidence = evidence(of: amounts.count)
    guard !evidence.isEmpty, iterationCount > 0 else { return 0 }
    let sum = amounts[evidence].reduce(0) { $0 + Double($1) }
    return sum / (Double(evidence.count) * Double(iterationCount))
  }
}
