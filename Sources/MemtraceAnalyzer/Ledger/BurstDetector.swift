// SPDX-License-Identifier: Apache-2.0
//
// Finds the sites whose outstanding memory grows by more than a threshold within a window of time.
//
// Growth is what a site holds now less the least it held within the window. Time is cut into
// buckets, eight to a window; a site keeps the lowest point of the bucket it is in and the lowest
// of the eight before. Those eight one by one are kept only for sites that reached a sixty-fourth
// of the threshold, so a burst may be taken for up to that much smaller than it was. Single
// allocations from the large threshold on are reported by themselves and take no part.

import TraceFile

/// Watches every site's growth while a trace is replayed.
struct BurstDetector: ~Copyable {
  /// The least a site held within some time.
  private struct Low {
    var byteCount: UInt64
    var blockCount: UInt64
    /// Of the first allocation after it.
    var ticks: Ticks

    static let none = Low(byteCount: .max, blockCount: 0, ticks: Ticks(0))
  }

  /// What is known of one site.
  private struct Growth {
    /// Lowest point of the bucket that the newest event lies in, and of those before it.
    var current: Low
    var older: Low
    var bucket: UInt64
    var firstBucket: UInt64
    /// Large blocks among what the site holds.
    var excludedBytes: UInt64
    var excludedBlocks: UInt64
    /// Index of the lows of the buckets before, or -1.
    var ring: Int32
    /// Index among the bursts that still last, or -1.
    var burst: Int32
  }

  static let bucketsPerWindow = 8
  private static let none: Int32 = -1
  private static let unseenBucket = UInt64.max

  private let threshold: UInt64
  private let bucketTicks: UInt64
  private var bucket: UInt64 = 0
  private var bucketEnd: UInt64
  /// By site; entered with every event.
  private var sites: UnsafeMutablePointer<Growth>
  private var siteCount = 0
  private var siteCapacity = 64
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
    bucketTicks = max(1, windowTicks / UInt64(Self.bucketsPerWindow))
    bucketEnd = bucketTicks
    ended = BurstLog(limit: limit)
    sites = .allocate(capacity: siteCapacity)
  }

  deinit {
    sites.deallocate()
  }

  /// A block of `byteCount` was added to the site, whose books are `totals` by now.
  @inline(__always)
  mutating func grew(
    _ site: SiteIndex, _ totals: borrowing SiteTotals, by byteCount: UInt64, at ticks: Ticks
  ) {
    let index = enter(site, ticks)
    let held = totals.outstandingBytes &- sites[index].excludedBytes
    let heldBefore = held &- byteCount
    let blocks = totals.outstandingCount &- sites[index].excludedBlocks
    if sites[index].bucket != bucket {
      turn(index, heldBefore, blocks &- 1, ticks)
    } else if heldBefore <= sites[index].current.byteCount {
      sites[index].current = Low(
        byteCount: heldBefore, blockCount: blocks &- 1, ticks: ticks)
    }
    let lowest = min(sites[index].current.byteCount, sites[index].older.byteCount)
    if held &- lowest >= threshold && held > lowest || sites[index].burst != Self.none {
      noteBurst(index, totals.stack, held, blocks, ticks)
    }
  }

  /// A block was taken from the site, whose books are `totals` by now.
  @inline(__always)
  mutating func shrank(_ site: SiteIndex, _ totals: borrowing SiteTotals, at ticks: Ticks) {
    let index = enter(site, ticks)
    let held = totals.outstandingBytes &- sites[index].excludedBytes
    let blocks = totals.outstandingCount &- sites[index].excludedBlocks
    if sites[index].bucket != bucket {
      turn(index, held, blocks, ticks)
    } else if held < sites[index].current.byteCount {
      sites[index].current = Low(byteCount: held, blockCount: blocks, ticks: ticks)
    }
  }

  /// A large block was added to the site: not growth.
  mutating func exclude(_ site: SiteIndex, _ byteCount: UInt64) {
    let index = row(of: site)
    sites[index].excludedBytes &+= byteCount
    sites[index].excludedBlocks &+= 1
  }

  /// A large block was taken from the site.
  mutating func stopExcluding(_ site: SiteIndex, _ byteCount: UInt64) {
    let index = row(of: site)
    sites[index].excludedBytes &-= byteCount
    sites[index].excludedBlocks &-= 1
  }

  /// All bursts up to now.
  func log() -> BurstLog {
    var log = ended
    for (burst, _) in lasting where burst.byteCount > 0 { log.append(burst) }
    return log
  }

  /// The place of a site, after the bucket that `ticks` lies in has begun.
  @inline(__always)
  private mutating func enter(_ site: SiteIndex, _ ticks: Ticks) -> Int {
    if ticks.rawValue >= bucketEnd { beginBucket(ticks) }
    return row(of: site)
  }

  private mutating func beginBucket(_ ticks: Ticks) {
    bucket = ticks.rawValue / bucketTicks
    let end = (bucket &+ 1).multipliedReportingOverflow(by: bucketTicks)
    bucketEnd = end.overflow ? .max : end.partialValue
  }

  @inline(__always)
  private mutating func row(of site: SiteIndex) -> Int {
    let index = Int(site.rawValue)
    if index >= siteCount { makeRoom(for: index) }
    return index
  }

  private mutating func makeRoom(for index: Int) {
    if index >= siteCapacity {
      let capacity = max(index + 1, siteCapacity * 2)
      let larger = UnsafeMutablePointer<Growth>.allocate(capacity: capacity)
      larger.moveInitialize(from: sites, count: siteCount)
      sites.deallocate()
      sites = larger
      siteCapacity = capacity
    }
    (sites + siteCount).initialize(
      repeating: Growth(
        current: .none, older: .none, bucket: Self.unseenBucket, firstBucket: 0,
        excludedBytes: 0, excludedBlocks: 0, ring: Self.none, burst: Self.none),
      count: index + 1 - siteCount)
    siteCount = index + 1
  }

  /// The site's first event in the current bucket; it held `byteCount` when the bucket began.
  private mutating func turn(
    _ index: Int, _ byteCount: UInt64, _ blockCount: UInt64, _ ticks: Ticks
  ) {
    let now = Low(byteCount: byteCount, blockCount: blockCount, ticks: ticks)
    var growth = sites[index]
    if growth.bucket == Self.unseenBucket {
      growth.firstBucket = bucket
    } else {
      growth.older = older(&growth, now)
    }
    growth.current = now
    growth.bucket = bucket
    sites[index] = growth
    if growth.burst != Self.none { endBurstIfOver(index) }
  }

  /// The lowest point of the eight buckets before the current one.
  private mutating func older(_ growth: inout Growth, _ now: Low) -> Low {
    let window = UInt64(Self.bucketsPerWindow)
    if growth.ring == Self.none {
      // Of a site whose whole life lies within the window nothing is too old.
      let isYoung = bucket &- growth.firstBucket <= window
      let isRecent = isYoung || bucket &- growth.bucket <= window
      let known = isRecent ? Self.lower(growth.older, growth.current) : now
      guard now.byteCount >= threshold / 64 || growth.burst != Self.none else {
        return isYoung ? known : now
      }
      growth.ring = Int32(truncatingIfNeeded: rings.count / Self.bucketsPerWindow)
      rings.append(contentsOf: repeatElement(known, count: Self.bucketsPerWindow))
    }
    // Between its last event and now the site held what it holds now.
    let base = Int(growth.ring) * Self.bucketsPerWindow
    rings[base + Int(growth.bucket % window)] = growth.current
    let quiet = min(bucket &- growth.bucket &- 1, window)
    for step in 0..<quiet {
      rings[base + Int((growth.bucket &+ 1 &+ step) % window)] = now
    }
    return rings[base..<base + Self.bucketsPerWindow].reduce(now, Self.lower)
  }

  /// Begins a burst, or follows one that lasts.
  private mutating func noteBurst(
    _ index: Int, _ stack: StackID, _ held: UInt64, _ blocks: UInt64, _ ticks: Ticks
  ) {
    var slot = sites[index].burst
    if slot == Self.none {
      let low = Self.lower(sites[index].older, sites[index].current)
      let burst = BurstLog.Burst(
        stack: stack, byteCount: 0, blockCount: 0, ticks: low.ticks, endTicks: ticks)
      if let free = freeLasting.popLast() {
        slot = free
        lasting[Int(free)] = (burst, low)
      } else {
        slot = Int32(truncatingIfNeeded: lasting.count)
        lasting.append((burst, low))
      }
      sites[index].burst = slot
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
  private mutating func endBurstIfOver(_ index: Int) {
    let growth = sites[index]
    let held = growth.current.byteCount
    let lowest = Self.lower(growth.older, growth.current).byteCount
    guard held &- lowest < threshold else { return }
    ended.append(lasting[Int(growth.burst)].burst)
    lasting[Int(growth.burst)].burst.byteCount = 0
    freeLasting.append(growth.burst)
    sites[index].burst = Self.none
  }

  private static func lower(_ left: Low, _ right: Low) -> Low {
    left.byteCount <= right.byteCount ? left : right
  }

}
