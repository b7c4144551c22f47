// SPDX-License-Identifier: Apache-2.0
//
// Looks into the ledgers at each instant of a history while they are replayed, and writes down
// which sites changed. The ledgers tell which those are, so that an instant costs as much as
// changed, not as much as there is; and events cost nothing more, but the first one of a site in
// each interval.

import TraceFile

/// Writes a history.
package struct HistoryRecorder: ~Copyable {
  /// Changes of about 100 MB.
  package static let defaultChangeLimit = 4_000_000
  /// Where only so many instants are left to look at, no more are given up.
  private static let leastInstants = 32

  private struct Record {
    var site: UInt32
    var instant: UInt32
    var amount: SiteAmount
  }

  let instants: [Ticks]
  let splitsCohorts: Bool
  private let changeLimit: Int
  /// Place of the next instant to look at.
  private var next = 0
  private var totals: [HistoryTotals] = []
  private var before = HeapTotals()
  private var mappingsBefore = MappingTotals()
  private var records: [Record] = []
  /// By site: what was written down last.
  private var last: [SiteAmount] = []
  private var stacks: [StackID] = []
  /// By interval: how many sites there were when it began.
  private var cohortStarts: [Int] = [0]
  private var stride = 1
  private var mappings: [StackID: MappingSeries] = [:]

  package init(at instants: [Ticks], splitsCohorts: Bool, changeLimit: Int?) {
    self.instants = Array(Set(instants)).sorted()
    self.splitsCohorts = splitsCohorts
    self.changeLimit = changeLimit ?? .max
  }

  /// The instant that is to be recorded next, behind all events up to and with it.
  var nextInstant: Ticks? { next < instants.count ? instants[next] : nil }

  /// Writes down the state of the ledgers at the next instant.
  mutating func record(_ heap: inout HeapLedger, _ mapped: inout MappingLedger) {
    guard next < instants.count else { return }
    recordTotals(&heap, mapped)
    if next % stride == 0 || next == instants.count - 1 { recordSites(&heap) }
    mapped.takeChanges { stack, totals in
      mappings[stack, default: MappingSeries(stack: stack, changes: [])].changes
        .append((next, totals))
    }
    if splitsCohorts {
      cohortStarts.append(heap.siteCount)
      heap.beginCohort()
    }
    next += 1
  }

  private mutating func recordTotals(_ heap: inout HeapLedger, _ mapped: borrowing MappingLedger) {
    var row = HistoryTotals(ticks: instants[next])
    let now = heap.totals
    row.outstandingBytes = now.outstandingBytes
    row.outstandingCount = now.outstandingCount
    (row.peakBytes, row.peakTicks) = heap.takePeak(at: instants[next])
    row.allocatedBytes = now.allocatedBytes &- before.allocatedBytes
    row.allocationCount = now.allocationCount &- before.allocationCount
    row.freedBytes = before.outstandingBytes &+ row.allocatedBytes &- now.outstandingBytes
    row.freeCount = before.outstandingCount &+ row.allocationCount &- now.outstandingCount
    row.mappings = mapped.totals
    row.mappings.mappedBytes = mapped.totals.mappedBytes &- mappingsBefore.mappedBytes
    row.mappings.mappedCount = mapped.totals.mappedCount &- mappingsBefore.mappedCount
    totals.append(row)
    before = now
    mappingsBefore = mapped.totals
  }

  private mutating func recordSites(_ heap: inout HeapLedger) {
    while last.count < heap.siteCount {
      let site = SiteIndex(rawValue: UInt32(truncatingIfNeeded: last.count))
      stacks.append(heap.stack(of: site))
      last.append(SiteAmount())
    }
    heap.takeChanges { site, byteCount, count in
      let amount = SiteAmount(byteCount: byteCount, count: count)
      // A site that only churns comes back to what it held.
      guard last[Int(site.rawValue)] != amount else { return }
      last[Int(site.rawValue)] = amount
      records.append(
        Record(
          site: site.rawValue, instant: UInt32(truncatingIfNeeded: next), amount: amount))
    }
    if records.count > changeLimit, next % (2 * stride) == 0,
      instants.count / (2 * stride) >= Self.leastInstants
    {
      thin()
    }
  }

  /// Gives up every second of the instants that sites are known at: what changed in one is said to
  /// have changed by the next.
  private mutating func thin() {
    stride *= 2
    let step = UInt32(truncatingIfNeeded: stride)
    var taken = [UInt32](repeating: .max, count: last.count)
    var kept: [Record] = []
    for record in records.reversed() {
      let instant = (record.instant + step - 1) / step * step
      guard taken[Int(record.site)] != instant else { continue }
      taken[Int(record.site)] = instant
      kept.append(Record(site: record.site, instant: instant, amount: record.amount))
    }
    kept.reverse()
    records = kept
  }

  /// The history, whole once every instant is recorded; `meanings` are those of its stacks.
  consuming func history(
    _ heap: borrowing HeapLedger, _ meanings: StackMeanings
  ) -> SiteHistory {
    SiteHistory(
      instants: instants, totals: totals, sites: siteSeries(), allocations: allocations(heap),
      mappings: mappings.values.sorted { $0.stack < $1.stack }, splitsCohorts: splitsCohorts,
      siteStride: stride, meanings: meanings)
  }

  /// What each site allocated in each interval; only with cohorts.
  private func allocations(_ heap: borrowing HeapLedger) -> [SiteAllocations] {
    guard splitsCohorts else { return [] }
    var allocations: [SiteAllocations] = []
    var cohort = 0
    heap.forEachUsedSite { site, totals in
      while cohort + 1 < cohortStarts.count, cohortStarts[cohort + 1] <= site.rawValue {
        cohort += 1
      }
      allocations.append(SiteAllocations(totals, cohort: cohort))
    }
    return allocations
  }

  /// The records by site, each site's in the order of time.
  private func siteSeries() -> [SiteSeries] {
    var ends = [Int](repeating: 0, count: last.count + 1)
    for record in records { ends[Int(record.site) + 1] += 1 }
    for site in 1..<max(1, ends.count) { ends[site] += ends[site - 1] }
    let starts = ends
    var changes = [SiteChange](
      repeating: SiteChange(instant: 0, amount: SiteAmount()), count: records.count)
    for record in records {
      let place = ends[Int(record.site)]
      ends[Int(record.site)] += 1
      changes[place] = SiteChange(instant: record.instant, amount: record.amount)
    }
    var series: [SiteSeries] = []
    var cohort = 0
    for site in 0..<last.count {
      while cohort + 1 < cohortStarts.count, cohortStarts[cohort + 1] <= site { cohort += 1 }
      guard ends[site] > starts[site] else { continue }
      series.append(
        SiteSeries(
          stack: stacks[site], cohort: cohort, changes: changes[starts[site]..<ends[site]]))
    }
    return series
  }
}
