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

  let instants: [Ticks]
  let splitsCohorts: Bool
  /// Place of the next instant to look at.
  private var next = 0
  private var totals = TotalsLog()
  private var log: ChangeLog
  private var stacks: [StackID] = []
  /// Sites that may have changed since the log was last written.
  private var changed: [SiteIndex] = []
  /// By interval: how many sites there were when it began.
  private var cohortStarts: [Int] = [0]
  private var mappings: [StackID: MappingSeries] = [:]

  package init(at instants: [Ticks], splitsCohorts: Bool, changeLimit: Int?) {
    self.instants = Array(Set(instants)).sorted()
    self.splitsCohorts = splitsCohorts
    log = ChangeLog(instantCount: self.instants.count, limit: changeLimit ?? .max)
  }

  /// The instant that is to be recorded next, behind all events up to and with it.
  var nextInstant: Ticks? { next < instants.count ? instants[next] : nil }

  /// Writes down the state of the ledgers at the next instant.
  mutating func record(_ heap: inout HeapLedger, _ mapped: inout MappingLedger) {
    guard next < instants.count else { return }
    note(peak: heap.takePeak(at: instants[next]))
    if log.isKept(next) { heap.takeChanges { changed.append($0) } }
    write(&heap, &mapped)
  }

  // MARK: For one that shares the ledgers with others

  /// The most that was outstanding in some time before the next instant.
  mutating func note(peak: (byteCount: UInt64, ticks: Ticks)) { totals.note(peak: peak) }

  /// A site that may have changed before the next instant.
  mutating func note(change site: SiteIndex) { changed.append(site) }

  /// Writes down the state at the next instant, of which all changes and peaks are noted.
  mutating func write(_ heap: inout HeapLedger, _ mapped: inout MappingLedger) {
    totals.record(at: instants[next], heap.totals, mapped.totals)
    if log.isKept(next) { writeSites(heap) }
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

  private mutating func writeSites(_ heap: borrowing HeapLedger) {
    while stacks.count < heap.siteCount {
      stacks.append(
        heap.stack(of: SiteIndex(rawValue: UInt32(truncatingIfNeeded: stacks.count))))
      log.addPlace()
    }
    // A site that only churns comes back to what it held.
    for site in changed { log.note(Int(site.rawValue), heap.amount(of: site), at: next) }
    changed.removeAll(keepingCapacity: true)
    log.finish(next)
  }

  /// The history, whole once every instant is recorded; `meanings` are those of its stacks.
  consuming func history(
    _ heap: borrowing HeapLedger, _ meanings: StackMeanings
  ) -> SiteHistory {
    var cohort = 0
    let sites = log.series { site in
      while cohort + 1 < cohortStarts.count, cohortStarts[cohort + 1] <= site { cohort += 1 }
      return (stacks[site], cohort)
    }
    return SiteHistory(
      instants: instants, totals: totals.rows, sites: sites, allocations: allocations(heap),
      mappings: mappings.values.sorted { $0.stack < $1.stack }, splitsCohorts: splitsCohorts,
      siteStride: log.stride, meanings: meanings)
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
}
