// SPDX-License-Identifier: Apache-2.0
//
// Tells apart what sites hold by the interval in which it was allocated, while the books are kept
// as they are without that. What a site allocated in an interval is the difference of its books;
// what outlives the interval is what it holds at its end beside what it held of before; and from
// then on only the ends of such blocks change that, which the heap's ledger collects. So a block
// that begins and ends within one interval costs nothing more.

import TraceFile

/// Writes a history with cohorts.
struct CohortRecorder {
  /// A block has room for a number below this.
  static let instantLimit = 255

  private struct Site {
    let stack: StackID
    /// As of the last instant.
    var allocationCount: UInt64 = 0
    var allocatedBytes: UInt64 = 0
    var temporaryCount: UInt64 = 0
    /// Of blocks of earlier intervals.
    var older = SiteAmount()
    /// Temporary blocks of earlier intervals that ended in this one.
    var lateTemporaryCount: UInt64 = 0
  }

  /// What a site allocated in one interval and holds beyond that.
  private struct Cohort {
    let site: SiteIndex
    let interval: UInt8
    var held: SiteAmount
  }

  let instants: [Ticks]
  private var next = 0
  private var totals = TotalsLog()
  private var log: ChangeLog
  private var sites: [Site] = []
  private var cohorts: [Cohort] = []
  /// By site and interval.
  private var places: [UInt64: Int] = [:]
  private var allocations: [SiteAllocations] = []
  /// Sites that may have changed since the last instant.
  private var changed: [SiteIndex] = []
  /// Cohorts that changed since the log was last written.
  private var touched: [Int] = []
  private var bucketPeak: (byteCount: UInt64, ticks: Ticks) = (0, Ticks(0))
  /// The interval in which most was outstanding.
  private(set) var peak: PeakInterval?

  /// `instants` are `instantLimit` at most.
  init(at instants: [Ticks], changeLimit: Int? = HistoryRecorder.defaultChangeLimit) {
    self.instants = Array(Set(instants)).sorted()
    precondition(self.instants.count <= Self.instantLimit, "a cohort is one byte")
    log = ChangeLog(instantCount: self.instants.count, limit: changeLimit ?? .max)
  }

  /// The instant that is to be recorded next, behind all events up to and with it.
  var nextInstant: Ticks? { next < instants.count ? instants[next] : nil }

  /// The stacks of sites, by site.
  var stacks: [StackID] { sites.map(\.stack) }

  /// What happened in some time before the next instant.
  mutating func note(peak: (byteCount: UInt64, ticks: Ticks), _ sites: [SiteIndex]) {
    totals.note(peak: peak)
    if peak.byteCount > bucketPeak.byteCount { bucketPeak = peak }
    changed += sites
  }

  /// Writes down the state at the next instant, of which all changes and peaks are noted.
  mutating func write(_ heap: inout HeapLedger, _ mapped: inout MappingLedger) {
    totals.record(at: instants[next], heap.totals, mapped.totals)
    while sites.count < heap.siteCount {
      let site = SiteIndex(rawValue: UInt32(truncatingIfNeeded: sites.count))
      sites.append(Site(stack: heap.stack(of: site)))
    }
    let lateEnds = heap.takeLateEnds()
    for end in lateEnds { enter(end) }
    for site in changed { enter(site, heap.book(of: site)) }
    changed.removeAll(keepingCapacity: true)
    if log.isKept(next) { writeCohorts() }
    followPeak(lateEnds, mapped.takeSteps())
    heap.nextCohort()
    next += 1
  }

  private static func key(_ site: SiteIndex, _ interval: UInt8) -> UInt64 {
    UInt64(site.rawValue) << 8 | UInt64(interval)
  }

  /// A block of an earlier interval ended.
  private mutating func enter(_ end: LateEnd) {
    guard let place = places[Self.key(end.site, end.cohort)] else { return }
    cohorts[place].held.byteCount &-= end.byteCount
    cohorts[place].held.count &-= 1
    touched.append(place)
    let site = Int(end.site.rawValue)
    sites[site].older.byteCount &-= end.byteCount
    sites[site].older.count &-= 1
    guard end.isTemporary else { return }
    sites[site].lateTemporaryCount &+= 1
    allocations.append(
      SiteAllocations(stack: sites[site].stack, cohort: Int(end.cohort), temporaryCount: 1))
  }

  /// A site has these books at the end of an interval; nothing is new the second time.
  private mutating func enter(_ index: SiteIndex, _ book: SiteBook) {
    var site = sites[Int(index.rawValue)]
    let temporaryCount =
      book.temporaryCount &- site.temporaryCount &- site.lateTemporaryCount
    if book.allocationCount != site.allocationCount || temporaryCount > 0 {
      allocations.append(
        SiteAllocations(
          stack: site.stack, cohort: next, byteCount: book.allocatedBytes &- site.allocatedBytes,
          count: book.allocationCount &- site.allocationCount, temporaryCount: temporaryCount))
    }
    site.allocationCount = book.allocationCount
    site.allocatedBytes = book.allocatedBytes
    site.temporaryCount = book.temporaryCount
    site.lateTemporaryCount = 0
    let held = SiteAmount(
      byteCount: book.outstandingBytes &- site.older.byteCount,
      count: book.outstandingCount &- site.older.count)
    if held.count > 0 {
      let interval = UInt8(truncatingIfNeeded: next)
      places[Self.key(index, interval)] = cohorts.count
      touched.append(cohorts.count)
      cohorts.append(Cohort(site: index, interval: interval, held: held))
      log.addPlace()
    }
    site.older = SiteAmount(byteCount: book.outstandingBytes, count: book.outstandingCount)
    sites[Int(index.rawValue)] = site
  }

  private mutating func writeCohorts() {
    for place in touched { log.note(place, cohorts[place].held, at: next) }
    touched.removeAll(keepingCapacity: true)
    log.finish(next)
  }

  /// Keeps what tells apart, at the highest instant, what was allocated and freed before and behind.
  private mutating func followPeak(_ lateEnds: [LateEnd], _ steps: [MappingLedger.Step]) {
    if bucketPeak.byteCount > peak?.byteCount ?? 0 {
      peak = PeakInterval(
        interval: next, byteCount: bucketPeak.byteCount, ticks: bucketPeak.ticks,
        lateEnds: lateEnds, mappingSteps: steps)
    } else if let interval = peak?.interval {
      for end in lateEnds where Int(end.cohort) == interval {
        peak?.laterEnds.append((end, next))
      }
    }
    bucketPeak = (0, Ticks(0))
  }

  /// The history, whole once every instant is recorded; `meanings` are those of its stacks.
  func history(_ meanings: StackMeanings) -> SiteHistory {
    SiteHistory(
      instants: instants, totals: totals.rows,
      sites: log.series { place in
        let cohort = cohorts[place]
        return (sites[Int(cohort.site.rawValue)].stack, Int(cohort.interval))
      },
      allocations: allocations, mappings: [], splitsCohorts: true, siteStride: log.stride,
      meanings: meanings)
  }
}

/// The interval in which most was outstanding, and what else must be known to divide it there.
struct PeakInterval {
  let interval: Int
  let byteCount: UInt64
  let ticks: Ticks
  /// Ends, within the interval, of blocks of earlier ones.
  let lateEnds: [LateEnd]
  /// What was mapped, where that changed within the interval.
  let mappingSteps: [MappingLedger.Step]
  /// Ends of the interval's own blocks, and in which later ones.
  var laterEnds: [(end: LateEnd, interval: Int)] = []
}
