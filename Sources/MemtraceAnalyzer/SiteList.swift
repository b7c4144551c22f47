// SPDX-License-Identifier: Apache-2.0
//
// From the books of all stacks to the sites that a report lists: drops what is not asked for,
// merges what is the same stack to a reader, ranks, and cuts. It knows no names.

import TraceFile

/// Sites on their way into a report.
struct SiteList {
  let order: SiteOrder
  /// Stacks that allocated, and those of them that still hold something.
  private(set) var siteCount = 0
  private(set) var outstandingSiteCount = 0
  /// The ones that qualify, in no order.
  private(set) var sites: [SiteTotals] = []

  init(_ heap: borrowing HeapLedger, order: SiteOrder, listsFreedSites: Bool = false) {
    self.order = order
    // What is not needed of it is never touched.
    sites.reserveCapacity(heap.siteCount)
    heap.forEachUsedSite { site in
      siteCount += 1
      if site.outstandingCount > 0 { outstandingSiteCount += 1 }
      if listsFreedSites || order.listsFreedSites || site.outstandingCount > 0 {
        sites.append(site)
      }
    }
  }

  /// Drops the sites for which `isWanted` does not hold.
  mutating func keep(where isWanted: (StackID) -> Bool) {
    sites.removeAll { !isWanted($0.stack) }
  }

  /// Makes one site of those whose stacks have one number; it has the stack of the first of them
  /// by rank.
  mutating func merge(by numbers: StackNumbers) {
    // By number one more than the place of its site.
    var places = [UInt32](repeating: 0, count: numbers.limit)
    // Of those that were merged the first by rank, as it was.
    var firsts: [Int: SiteTotals] = [:]
    var count = 0
    for site in sites {
      let number = Int(numbers[site.stack])
      guard places[number] > 0 else {
        sites[count] = site
        count += 1
        places[number] = UInt32(truncatingIfNeeded: count)
        continue
      }
      let place = Int(places[number]) - 1
      let first = firsts[place] ?? sites[place]
      firsts[place] = order.isBefore(site, first) ? site : first
      sites[place].merge(site)
    }
    sites.removeLast(sites.count - count)
    for (place, first) in firsts { sites[place].stack = first.stack }
  }

  /// The first `limit` sites by rank; all of them for `nil`.
  ///
  /// - Complexity: O(n log l) for n sites and a limit l.
  func first(_ limit: Int?) -> [SiteTotals] {
    guard let limit, limit < sites.count else { return sites.sorted(by: order.isBefore) }
    guard limit > 0 else { return [] }
    // The best so far, now and then sorted and cut.
    var best: [SiteTotals] = []
    var last: SiteTotals?
    for site in sites {
      if let last, !order.isBefore(site, last) { continue }
      best.append(site)
      if best.count >= 2 * limit + 64 {
        best.sort(by: order.isBefore)
        best.removeLast(best.count - limit)
        last = best.last
      }
    }
    best.sort(by: order.isBefore)
    return Array(best.prefix(limit))
  }
}
