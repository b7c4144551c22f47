// SPDX-License-Identifier: Apache-2.0
//
// Pairs every allocation with its free and keeps the books by stack; what is left at the end is
// outstanding. It is applied to hundreds of millions of events, so nothing here allocates per
// event. Mappings have books of their own (MappingLedger).

import CTraceFormat
import TraceFile

/// The live heap while a trace is replayed.
struct HeapLedger: ~Copyable {
  private(set) var totals = HeapTotals()
  private var live = LiveBlockTable()
  private var sites: SiteTable
  private var large: LargeAllocationLog
  private var bursts: BurstDetector
  /// What begins before this instant is known but not counted.
  private let start: Ticks
  private let firstPause: Ticks
  /// Keeps the compiler from leaving `fetchAhead` out.
  private var fetched: UInt64 = 0

  /// Events whose blocks are fetched together: as many reads as a core waits for at a time.
  private static let groupCount = 16

  /// - Parameters:
  ///   - start: blocks that begin earlier are not counted.
  ///   - firstPause: when the program first stopped recording; frees of unknown blocks are
  ///     counted apart from there on.
  ///   - large: takes the blocks from its threshold on.
  ///   - bursts: takes the others.
  ///   - canonical: one id for all equal stacks; 0 for one that the trace does not hold.
  init(
    start: Ticks = Ticks(0), firstPause: Ticks = Ticks(.max),
    large: LargeAllocationLog = LargeAllocationLog(),
    bursts: consuming BurstDetector = BurstDetector(),
    canonical: @escaping (StackID) -> StackID = { $0 }
  ) {
    sites = SiteTable(canonical: canonical)
    self.start = start
    self.firstPause = firstPause
    self.large = large
    self.bursts = bursts
  }

  /// Enters events into the books, in their order; those of mappings are not for this ledger.
  mutating func apply(_ events: UnsafeBufferPointer<TraceEvent>) {
    var start = 0
    while start < events.count {
      let end = min(start &+ Self.groupCount, events.count)
      if live.isLarge { fetchAhead(events, start..<end) }
      for index in start..<end { apply(events[index]) }
      start = end
    }
  }

  /// Has the memory that the events will be entered into brought nearer, all of it at once.
  private mutating func fetchAhead(_ events: UnsafeBufferPointer<TraceEvent>, _ range: Range<Int>) {
    var sum: UInt64 = 0
    for index in range { sum &+= live.touch(events[index].address.rawValue) }
    fetched &+= sum
  }

  /// Enters one event into the books; those of mappings are not for this ledger.
  ///
  /// - Complexity: constant on average.
  @inline(__always)
  mutating func apply(_ event: borrowing TraceEvent) {
    switch event.kind {
    case .allocated: begin(event)
    case .freed: end(event)
    case .folded: beginAndEnd(event)
    case .foldedPeak: notePeak(totals.outstandingBytes &+ event.byteCount, at: event.ticks)
    case .mapped, .unmapped: break
    }
  }

  private mutating func begin(_ event: borrowing TraceEvent) {
    let isOwn = event.function.rawValue == UInt8(MT_OWN.rawValue)
    if !isOwn { totals.eventCount &+= 1 }
    let isCounted = event.ticks.rawValue >= start.rawValue && !isOwn
    let site = isCounted ? sites.site(of: event.stack) : .uncounted
    let byteCount = event.byteCount
    let block = LiveBlockTable.Block(byteCount: byteCount, site: site)
    if let replaced = live.insert(event.address.rawValue, block) {
      totals.reusedAddressCount &+= 1
      if replaced.site != .uncounted { takeAway(replaced, event.address, at: event.ticks) }
    }
    guard isCounted else { return }

    totals.allocationCount &+= 1
    totals.allocatedBytes &+= byteCount
    totals.outstandingCount &+= 1
    totals.outstandingBytes &+= byteCount
    notePeak(totals.outstandingBytes, at: event.ticks)
    sites[site].began(byteCount, event.function, at: event.ticks)
    if byteCount >= large.threshold {
      large.began(event.address, byteCount, sites[site].stack, at: event.ticks)
      bursts.exclude(site, byteCount)
    } else {
      bursts.grew(site, sites[site], by: byteCount, at: event.ticks)
    }
  }

  private mutating func end(_ event: borrowing TraceEvent) {
    totals.eventCount &+= 1
    guard let block = live.remove(event.address.rawValue) else {
      guard event.ticks.rawValue >= start.rawValue else { return }
      if event.ticks.rawValue < firstPause.rawValue {
        totals.unknownFreeCount &+= 1
      } else {
        totals.unknownFreeCountAfterPause &+= 1
      }
      return
    }
    guard block.site != .uncounted else { return }
    totals.freeCount &+= 1
    if event.foldedTemporaryCount > 0 {
      totals.temporaryCount &+= 1
      sites[block.site].temporaryCount &+= 1
    }
    takeAway(block, event.address, at: event.ticks)
  }

  /// A counted block is no longer outstanding.
  private mutating func takeAway(_ block: LiveBlockTable.Block, _ address: Address, at ticks: Ticks)
  {
    totals.outstandingCount &-= 1
    totals.outstandingBytes &-= block.byteCount
    sites[block.site].outstandingCount &-= 1
    sites[block.site].outstandingBytes &-= block.byteCount
    if block.byteCount >= large.threshold {
      large.ended(address, at: ticks)
      bursts.stopExcluding(block.site, block.byteCount)
    } else {
      bursts.shrank(block.site, sites[block.site], at: ticks)
    }
  }

  /// Blocks that came and went within one window of one thread.
  private mutating func beginAndEnd(_ event: borrowing TraceEvent) {
    let count = UInt64(event.foldedCount)
    totals.eventCount &+= 2 &* count
    guard event.ticks.rawValue >= start.rawValue, count > 0 else { return }
    let temporaryCount = UInt64(event.foldedTemporaryCount)
    totals.allocationCount &+= count
    totals.allocatedBytes &+= event.byteCount
    totals.freeCount &+= count
    totals.temporaryCount &+= temporaryCount
    let site = sites.site(of: event.stack)
    sites[site].folded(count, event.byteCount, temporaryCount, event.function, at: event.ticks)
  }

  private mutating func notePeak(_ byteCount: UInt64, at ticks: Ticks) {
    guard byteCount > totals.peakBytes, ticks.rawValue >= start.rawValue else { return }
    totals.peakBytes = byteCount
    totals.peakTicks = ticks
  }

  /// The books of every stack that allocated.
  func usedSites() -> [SiteTotals] { sites.used() }

  /// Blocks of the size asked for and more, the largest first.
  func largeAllocations() -> LargeAllocationLog { large }

  /// Sites that grew suddenly, the largest growth first.
  func burstLog() -> BurstLog { bursts.log() }

  /// Traps if the books contradict each other; for tests.
  func checkInvariants() {
    live.checkInvariants()
    var count: UInt64 = 0
    var byteCount: UInt64 = 0
    live.forEach { _, block in
      guard block.site != .uncounted else { return }
      count &+= 1
      byteCount &+= block.byteCount
    }
    precondition(count == totals.outstandingCount, "outstanding blocks")
    precondition(byteCount == totals.outstandingBytes, "outstanding bytes")
    let used = usedSites()
    precondition(used.reduce(0) { $0 &+ $1.outstandingCount } == count, "blocks by site")
    precondition(used.reduce(0) { $0 &+ $1.outstandingBytes } == byteCount, "bytes by site")
    precondition(used.reduce(0) { $0 &+ $1.allocationCount } == totals.allocationCount, "count")
    precondition(used.reduce(0) { $0 &+ $1.allocatedBytes } == totals.allocatedBytes, "bytes")
    precondition(totals.peakBytes >= totals.outstandingBytes, "peak")
  }
}
