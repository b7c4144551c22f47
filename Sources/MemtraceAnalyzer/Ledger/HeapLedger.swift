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
  private var mappingEventCount = 0
  /// What begins before this instant is known but not counted.
  private let start: Ticks
  /// From `start` on so long.
  private let countedSpan: UInt64
  private let firstPause: Ticks
  /// Followed sites that changed since they were last asked for.
  private var changed: [SiteIndex] = []
  /// Of before `takePeak` was last called.
  private var earlierPeak = (byteCount: UInt64(0), ticks: Ticks(0))
  /// Of the blocks that begin now.
  private var cohort: UInt8 = 0
  /// Ends of blocks of earlier cohorts since they were last asked for.
  private var lateEnds: [LateEnd] = []

  /// How many events before an event is entered the place of its block is fetched.
  private static let blockDistance = 24
  /// The same for the books of its site, which that place tells.
  private static let siteDistance = 12

  /// - Parameters:
  ///   - start: blocks that begin earlier are not counted.
  ///   - last: blocks that begin later are not either.
  ///   - firstPause: when the program first stopped recording; frees of unknown blocks are
  ///     counted apart from there on.
  ///   - large: takes the blocks from its threshold on.
  ///   - bursts: takes the others.
  ///   - followsChanges: whether `takeChanges` is going to be called.
  ///   - stackCount: one more than the highest stack id to come, if known.
  ///   - canonical: one id for all equal stacks; 0 for one that the trace does not hold.
  init(
    start: Ticks = Ticks(0), last: Ticks = Ticks(.max), firstPause: Ticks = Ticks(.max),
    large: LargeAllocationLog = LargeAllocationLog(),
    bursts: consuming BurstDetector = BurstDetector(), followsChanges: Bool = false,
    stackCount: Int = 0, canonical: @escaping (StackID) -> StackID = { $0 }
  ) {
    sites = SiteTable(
      stackCount: stackCount, attention: followsChanges ? SiteBook.followed : 0,
      canonical: canonical)
    self.start = start
    countedSpan = max(start, last).rawValue - start.rawValue
    self.firstPause = firstPause
    self.large = large
    self.bursts = bursts
  }

  /// Enters events into the books, in their order; those of mappings are not for this ledger.
  ///
  /// Where the tables are large, most of the time is spent waiting for memory. So the memory is
  /// asked for some events before it is needed: first where the block stands, then, as that
  /// tells the site, its books.
  ///
  /// - Returns: How many of the events are of mappings.
  mutating func apply(_ events: UnsafeBufferPointer<TraceEvent>) -> Int {
    let before = mappingEventCount
    if live.isLarge || sites.isLarge {
      applyFetchingAhead(events)
    } else {
      for index in events.indices { apply(events[index]) }
    }
    return mappingEventCount &- before
  }

  private mutating func applyFetchingAhead(_ events: UnsafeBufferPointer<TraceEvent>) {
    for index in 0..<min(Self.blockDistance, events.count) { fetchBlock(of: events[index]) }
    for index in events.indices {
      if index &+ Self.blockDistance < events.count {
        fetchBlock(of: events[index &+ Self.blockDistance])
      }
      if index &+ Self.siteDistance < events.count {
        fetchBooks(of: events[index &+ Self.siteDistance])
      }
      apply(events[index])
    }
  }

  @inline(__always)
  private func fetchBlock(of event: borrowing TraceEvent) {
    live.prefetch(event.address.rawValue)
    // A pattern: `==` on another module's type is a call.
    if case .allocated = event.kind { sites.prefetch(event.stack) }
  }

  @inline(__always)
  private func fetchBooks(of event: borrowing TraceEvent) {
    let site: SiteIndex?
    if case .allocated = event.kind {
      site = sites.siteIfMet(event.stack)
    } else {
      site = live.siteAtFirstLook(event.address.rawValue)
    }
    if let site { sites.prefetch(site) }
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
    case .mapped, .unmapped: mappingEventCount &+= 1
    }
  }

  @inline(__always)
  private mutating func begin(_ event: borrowing TraceEvent) {
    let isOwn = event.function.rawValue == UInt8(MT_OWN.rawValue)
    if !isOwn { totals.eventCount &+= 1 }
    let isCounted = isInSpan(event.ticks) && !isOwn
    let site = isCounted ? sites.site(of: event.stack, at: event.ticks) : .uncounted
    let byteCount = event.byteCount
    let block = LiveBlockTable.Block(byteCount: byteCount, site: site, cohort: cohort)
    if let replaced = live.insert(event.address.rawValue, block) {
      totals.reusedAddressCount &+= 1
      if replaced.site != .uncounted {
        takeAway(replaced, event.address, at: event.ticks, isTemporary: false)
      }
    }
    guard isCounted else { return }

    totals.allocationCount &+= 1
    totals.allocatedBytes &+= byteCount
    totals.outstandingCount &+= 1
    totals.outstandingBytes &+= byteCount
    notePeak(totals.outstandingBytes, at: event.ticks)
    sites[site].began(byteCount, event.function, at: event.ticks)
    let isLarge = byteCount >= large.threshold
    if isLarge || sites[site].attention != 0
      || sites[site].outstandingBytes >= bursts.watchThreshold
    {
      attend(to: site, event, isLarge: isLarge)
    }
  }

  /// A block began at a site of which someone wants to hear.
  @inline(never)
  private mutating func attend(
    to site: SiteIndex, _ event: borrowing TraceEvent, isLarge: Bool
  ) {
    noteChange(site)
    if isLarge || sites[site].isWatched || sites[site].outstandingBytes >= bursts.watchThreshold {
      watch(site, event, isLarge: isLarge)
    }
  }

  private mutating func noteChange(_ site: SiteIndex) {
    guard sites[site].attention & SiteBook.followed != 0 else { return }
    sites[site].attention &= ~SiteBook.followed
    changed.append(site)
  }

  /// A block began that is large, or of a site that may be about to grow suddenly.
  private mutating func watch(
    _ site: SiteIndex, _ event: borrowing TraceEvent, isLarge: Bool
  ) {
    let byteCount = event.byteCount
    if !sites[site].isWatched {
      sites[site].attention |= SiteBook.watched
      bursts.watch(
        site, sites[site], addedBytes: byteCount, firstTicks: sites.firstTicks(of: site),
        at: event.ticks)
    }
    if isLarge {
      large.began(event.address, byteCount, sites[site].stack, at: event.ticks)
      bursts.exclude(site, byteCount)
    } else {
      bursts.grew(site, sites[site], by: byteCount, at: event.ticks)
    }
  }

  @inline(__always)
  private mutating func end(_ event: borrowing TraceEvent) {
    totals.eventCount &+= 1
    guard let block = live.remove(event.address.rawValue) else {
      endUnknown(event)
      return
    }
    guard block.site != .uncounted else { return }
    totals.freeCount &+= 1
    let isTemporary = event.detail > 0
    if isTemporary {
      totals.temporaryCount &+= 1
      sites[block.site].temporaryCount &+= 1
    }
    takeAway(block, event.address, at: event.ticks, isTemporary: isTemporary)
  }

  private mutating func endUnknown(_ event: borrowing TraceEvent) {
    guard event.ticks.rawValue >= start.rawValue else { return }
    if event.ticks.rawValue < firstPause.rawValue {
      totals.unknownFreeCount &+= 1
    } else {
      totals.unknownFreeCountAfterPause &+= 1
    }
  }

  /// A counted block is no longer outstanding.
  @inline(__always)
  private mutating func takeAway(
    _ block: LiveBlockTable.Block, _ address: Address, at ticks: Ticks, isTemporary: Bool
  ) {
    totals.outstandingCount &-= 1
    totals.outstandingBytes &-= block.byteCount
    sites[block.site].ended(block.byteCount)
    if block.cohort != cohort { noteLateEnd(block, address, at: ticks, isTemporary) }
    if sites[block.site].attention != 0 { attendToEnd(block, address, at: ticks) }
  }

  /// A block ended that began before the present cohort.
  @inline(never)
  private mutating func noteLateEnd(
    _ block: LiveBlockTable.Block, _ address: Address, at ticks: Ticks, _ isTemporary: Bool
  ) {
    lateEnds.append(
      LateEnd(
        address: address, ticks: ticks, byteCount: block.byteCount, site: block.site,
        cohort: block.cohort, isTemporary: isTemporary))
  }

  /// A block ended of a site of which someone wants to hear.
  @inline(never)
  private mutating func attendToEnd(
    _ block: LiveBlockTable.Block, _ address: Address, at ticks: Ticks
  ) {
    noteChange(block.site)
    guard sites[block.site].isWatched else { return }
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
    guard isInSpan(event.ticks), count > 0 else { return }
    let temporaryCount = UInt64(event.foldedTemporaryCount)
    totals.allocationCount &+= count
    totals.allocatedBytes &+= event.byteCount
    totals.freeCount &+= count
    totals.temporaryCount &+= temporaryCount
    let site = sites.site(of: event.stack, at: event.ticks)
    sites[site].folded(count, event.byteCount, temporaryCount, event.function, at: event.ticks)
    if sites[site].attention != 0 { noteChange(site) }
  }

  /// Whether what begins then is counted; an earlier instant wraps around to one far behind.
  @inline(__always)
  private func isInSpan(_ ticks: Ticks) -> Bool {
    ticks.rawValue &- start.rawValue <= countedSpan
  }

  @inline(__always)
  private mutating func notePeak(_ byteCount: UInt64, at ticks: Ticks) {
    guard byteCount > totals.peakBytes, ticks.rawValue >= start.rawValue else { return }
    totals.peakBytes = byteCount
    totals.peakTicks = ticks
  }

  // MARK: Over time

  /// Calls `body` with each site whose books may have changed since the last call; only with
  /// `followsChanges`.
  mutating func takeChanges(_ body: (SiteIndex) -> Void) {
    for site in changed {
      body(site)
      sites[site].attention |= SiteBook.followed
    }
    changed.removeAll(keepingCapacity: true)
  }

  /// The most that was outstanding since the last call; from `instant` on `totals` has the peak of
  /// what comes then.
  mutating func takePeak(at instant: Ticks) -> (byteCount: UInt64, ticks: Ticks) {
    let peak = (totals.peakBytes, totals.peakTicks)
    if totals.peakBytes > earlierPeak.byteCount { earlierPeak = peak }
    (totals.peakBytes, totals.peakTicks) = (totals.outstandingBytes, instant)
    return peak
  }

  /// Puts the highest of all peaks taken back into `totals`.
  mutating func restorePeak() {
    guard earlierPeak.byteCount >= totals.peakBytes else { return }
    (totals.peakBytes, totals.peakTicks) = earlierPeak
  }

  /// Gives what is allocated from now on sites of its own, apart from those of the same stacks
  /// before.
  mutating func beginCohort() { sites.forgetStacks() }

  /// What begins from now on is of another cohort, whose number is one more; there may be 256.
  mutating func nextCohort() { cohort &+= 1 }

  /// Ends of blocks of earlier cohorts than that of their time, since the last call, in their order.
  mutating func takeLateEnds() -> [LateEnd] {
    defer { lateEnds = [] }
    return lateEnds
  }

  /// The books of a site.
  func book(of site: SiteIndex) -> SiteBook { sites[site] }

  /// What a site holds.
  func amount(of site: SiteIndex) -> SiteAmount {
    SiteAmount(
      byteCount: sites[site].outstandingBytes, count: sites[site].outstandingCount)
  }

  /// Calls `body` with every counted block that is outstanding, in no order.
  func forEachOutstanding(_ body: (Address, LiveBlockTable.Block) -> Void) {
    live.forEach { address, block in
      if block.site != .uncounted { body(Address(address), block) }
    }
  }

  /// The stack of a site.
  func stack(of site: SiteIndex) -> StackID { sites[site].stack }

  /// Stacks that allocated, and a few at most that did not.
  var siteCount: Int { sites.count }

  /// Calls `body` with the books of every stack that allocated.
  func forEachUsedSite(_ body: (SiteTotals) -> Void) { sites.forEachUsed(body) }

  /// The same with each site's index, in ascending order.
  func forEachUsedSite(_ body: (SiteIndex, SiteTotals) -> Void) { sites.forEachUsed(body) }

  /// The books of every stack that allocated.
  func usedSites() -> [SiteTotals] {
    var used: [SiteTotals] = []
    sites.forEachUsed { used.append($0) }
    return used
  }

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
