// SPDX-License-Identifier: Apache-2.0
//
// Finds the sites whose outstanding memory grows by more than a threshold within a window of time.
//
// Growth is what a site holds now less the least it held within the window. Time is cut into
// buckets, eight to a window; of a site the lowest points of the bucket it is in and of the eight
// before are kept. Only sites that reached a sixty-fourth of the threshold are watched, so a burst
// may be taken for up to that much smaller than it was. Single allocations from the large
// threshold on are reported by themselves and take no part.

import TraceFile

/// Watches the growth of sites while a trace is replayed.
struct BurstDetector: ~Copyable {
  /// The least a site held within some time.
  private struct Low {
    var byteCount: UInt64
    var blockCount: UInt64
    /// Of the first allocation after it.
    var ticks: Ticks
  }

  /// What is known of a site that is watched.
  private struct Growth {
    /// Lowest point of the bucket that the newest event lies in, and of those before it.
    var current: Low
    var older: Low
    var bucket: UInt64
    /// Large blocks among what the site holds.
    var excludedBytes: UInt64 = 0
    var excludedBlocks: UInt64 = 0
    /// Index among the bursts that still last, or -1.
    var burst = BurstDetector.none
  }

  static let bucketsPerWindow = 8
  private static let none: Int32 = -1

  /// What a site must hold to be watched.
  let watchThreshold: UInt64
  private let threshold: UInt64
  private let bucketTicks: UInt64
  private var bucket: UInt64 = 0
  private var bucketEnd: UInt64
  /// By site: one more than its place in `growths`; 0 for one that is not watched.
  private var rows: [UInt32] = []
  private var growths: [Growth] = []
  /// The lows of the eight buckets before, for each of `growths`.
  private var rings: [Low] = []
  /// Bursts that still last, and what they are measured from.
  private var lasting: [(burst: BurstLog.Burst, low: Low)] = []
  private var freeLasting: [Int32] = []
  private var ended: BurstLog

  /// - Parameters:
  ///   - threshold: growth that makes a burst, in bytes.
  ///   - windowTicks: within which it must happen.
  ///   - limit: most bursts to keep.
  init(
    threshold: UInt64 = LargeAllocationLog.defaultThreshold, windowTicks: UInt64 = 1_000_000_000,
    limit: Int = LargeAllocationLog.defaultLimit
  ) {
    self.threshold = max(1, threshold)
    watchThreshold = self.threshold / 64
    bucketTicks = max(1, windowTicks / UInt64(Self.bucketsPerWindow))
    bucketEnd = bucketTicks
    ended = BurstLog(limit: limit)
  }

  /// Begins to watch a site with the block of `byteCount` that was just added to its `book`; it
  /// allocated first at `firstTicks`.
  mutating func watch(
    _ site: SiteIndex, _ book: borrowing SiteBook, addedBytes byteCount: UInt64,
    firstTicks: Ticks, at ticks: Ticks
  ) {
    enter(ticks)
    let index = Int(site.rawValue)
    if index >= rows.count {
      rows += repeatElement(0, count: max(index + 1 - rows.count, rows.count))
    }
    growths.append(
      Growth(
        current: Low(
          byteCount: book.outstandingBytes &- byteCount,
          blockCount: book.outstandingCount &- 1, ticks: ticks),
        older: Low(byteCount: .max, blockCount: 0, ticks: ticks), bucket: bucket))
    rows[index] = UInt32(truncatingIfNeeded: growths.count)

    let row = growths.count - 1
    let window = UInt64(Self.bucketsPerWindow)
    rings += repeatElement(growths[row].current, count: Self.bucketsPerWindow)
    growths[row].older = growths[row].current
    // Of a site whose whole life lies within the window it is known that it began with nothing.
    let firstBucket = firstTicks.rawValue / bucketTicks
    let nothing = Low(byteCount: 0, blockCount: 0, ticks: firstTicks)
    if firstBucket == bucket {
      growths[row].current = nothing
    } else if bucket &- firstBucket <= window {
      rings[row * Self.bucketsPerWindow + Int(firstBucket % window)] = nothing
      growths[row].older = nothing
    }
  }

  /// A block of `byteCount` was added to a watched site, whose books are `book` by now.
  mutating func grew(
    _ site: SiteIndex, _ book: borrowing SiteBook, by byteCount: UInt64, at ticks: Ticks
  ) {
    enter(ticks)
    let row = row(of: site)
    let held = book.outstandingBytes &- growths[row].excludedBytes
    let heldBefore = held &- byteCount
    let blocks = book.outstandingCount &- growths[row].excludedBlocks
    if growths[row].bucket != bucket {
      turn(row, Low(byteCount: heldBefore, blockCount: blocks &- 1, ticks: ticks))
    } else if heldBefore <= growths[row].current.byteCount {
      growths[row].current = Low(
        byteCount: heldBefore, blockCount: blocks &- 1, ticks: ticks)
    }
    let lowest = min(growths[row].current.byteCount, growths[row].older.byteCount)
    if held > lowest && held &- lowest >= threshold || growths[row].burst != Self.none {
      noteBurst(row, book.stack, held, blocks, ticks)
    }
  }

  /// A block was taken from a watched site, whose books are `book` by now.
  mutating func shrank(_ site: SiteIndex, _ book: borrowing SiteBook, at ticks: Ticks) {
    enter(ticks)
    let row = row(of: site)
    let low = Low(
      byteCount: book.outstandingBytes &- growths[row].excludedBytes,
      blockCount: book.outstandingCount &- growths[row].excludedBlocks, ticks: ticks)
    if growths[row].bucket != bucket {
      turn(row, low)
    } else if low.byteCount < growths[row].current.byteCount {
      growths[row].current = low
    }
  }

  /// A large block was added to a watched site: not growth.
  mutating func exclude(_ site: SiteIndex, _ byteCount: UInt64) {
    let row = row(of: site)
    growths[row].excludedBytes &+= byteCount
    growths[row].excludedBlocks &+= 1
  }

  /// A large block was taken from a watched site.
  mutating func stopExcluding(_ site: SiteIndex, _ byteCount: UInt64) {
    let row = row(of: site)
    growths[row].excludedBytes &-= byteCount
    growths[row].excludedBlocks &-= 1
  }

  /// All bursts up to now.
  func log() -> BurstLog {
    var log = ended
    for (burst, _) in lasting where burst.byteCount > 0 { log.append(burst) }
    return log
  }

  private func row(of site: SiteIndex) -> Int { Int(rows[Int(site.rawValue)]) - 1 }

  /// Begins the bucket that `ticks` lies in.
  private mutating func enter(_ ticks: Ticks) {
    guard ticks.rawValue >= bucketEnd else { return }
    bucket = ticks.rawValue / bucketTicks
    let end = (bucket &+ 1).multipliedReportingOverflow(by: bucketTicks)
    bucketEnd = end.overflow ? .max : end.partialValue
  }

  /// The site's first event in the current bucket; what it held when the bucket began is `now`.
  private mutating func turn(_ row: Int, _ now: Low) {
    // Between its last event and now the site held what it holds now.
    let window = UInt64(Self.bucketsPerWindow)
    let base = row * Self.bucketsPerWindow
    let last = growths[row].bucket
    rings[base + Int(last % window)] = growths[row].current
    let quiet = min(bucket &- last &- 1, window)
    for step in 0..<quiet {
      rings[base + Int((last &+ 1 &+ step) % window)] = now
    }
    growths[row].older = rings[base..<base + Self.bucketsPerWindow].reduce(now, Self.lower)
    growths[row].current = now
    growths[row].bucket = bucket
    if growths[row].burst != Self.none { endBurstIfOver(row) }
  }

  /// Begins a burst, or follows one that lasts.
  private mutating func noteBurst(
    _ row: Int, _ stack: StackID, _ held: UInt64, _ blocks: UInt64, _ ticks: Ticks
  ) {
    var slot = growths[row].burst
    if slot == Self.none {
      let low = Self.lower(growths[row].older, growths[row].current)
      let burst = BurstLog.Burst(
        stack: stack, byteCount: 0, blockCount: 0, ticks: low.ticks, endTicks: ticks)
      if let free = freeLasting.popLast() {
        slot = free
        lasting[Int(free)] = (burst, low)
      } else {
        slot = Int32(truncatingIfNeeded: lasting.count)
        lasting.append((burst, low))
      }
      growths[row].burst = slot
    }
    let low = lasting[Int(slot)].low
    guard held > low.byteCount, held &- low.byteCount > lasting[Int(slot)].burst.byteCount else {
      return
    }
    lasting[Int(slot)].burst.byteCount = held &- low.byteCount
    lasting[Int(slot)].burst.blockCount = blocks > low.blockCount ? blocks &- low.blockCount : 0
    lasting[Int(slot)].burst.endTicks = ticks
  }

  /// A burst is over when the site did not grow by the threshold within the last window.
  private mutating func endBurstIfOver(_ row: Int) {
    let growth = growths[row]
    let held = growth.current.byteCount
    let lowest = Self.lower(growth.older, growth.current).byteCount
    guard held &- lowest < threshold else { return }
    ended.append(lasting[Int(growth.burst)].burst)
    lasting[Int(growth.burst)].burst.byteCount = 0
    freeLasting.append(growth.burst)
    growths[row].burst = Self.none
  }

  private static func lower(_ left: Low, _ right: Low) -> Low {
    left.byteCount <= right.byteCount ? left : right
  }
}
