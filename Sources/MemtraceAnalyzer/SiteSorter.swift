// SPDX-License-Identifier: Apache-2.0
//
// From the books of all stacks to the sites that a report lists: drops what is not asked for,
// merges what is the same stack to a reader, ranks, and cuts. It knows no names.

import TraceFile

/// Sites on their way into a report.
struct SiteSorter {
  private typealias Row = (totals: SiteTotals, stack: ReportStack)

  private let order: SiteOrder
  private let siteCount: Int
  private let outstandingSiteCount: Int
  /// The ones that qualify, in order.
  private let candidates: [SiteTotals]

  init(_ sites: [SiteTotals], order: SiteOrder) {
    self.order = order
    siteCount = sites.count
    let outstanding = sites.filter { $0.outstandingCount > 0 }
    outstandingSiteCount = outstanding.count
    candidates = (order.listsFreedSites ? sites : outstanding).sorted(by: order.isBefore)
  }

  /// The first `limit` sites, and which of how many they are.
  func selected(
    limit: Int?, clock: TraceClock, resolver: inout StackResolver
  ) -> (sites: [Site], selection: SiteSelection) {
    var rows: [Row]
    var count = candidates.count
    if resolver.hasEpochs {
      rows = mergedRows(resolver: &resolver)
      count = rows.count
      if let limit { rows = Array(rows.prefix(limit)) }
    } else {
      rows = candidates.prefix(limit ?? .max).map { ($0, resolver.resolve($0.stack)) }
    }
    let sites = rows.map { row in
      Site(
        totals: row.totals, firstNanoseconds: clock.nanoseconds(at: row.totals.firstTicks),
        lastNanoseconds: clock.nanoseconds(at: row.totals.lastTicks), stack: row.stack)
    }
    var all = SiteSums(of: candidates)
    all.siteCount = UInt64(count)
    let selection = SiteSelection(
      order: order, siteCount: UInt64(siteCount),
      outstandingSiteCount: UInt64(outstandingSiteCount), all: all)
    return (sites, selection)
  }

  /// Every candidate, those in one that differ in nothing but the epoch of their stack.
  private func mergedRows(resolver: inout StackResolver) -> [Row] {
    var merged: [Row] = []
    var places: [ReportStack: Int] = [:]
    for totals in candidates {
      let stack = resolver.resolve(totals.stack)
      if let place = places[stack] {
        merged[place].totals.merge(totals)
      } else {
        places[stack] = merged.count
        merged.append((totals, stack))
      }
    }
    return merged.sorted { order.isBefore($0.totals, $1.totals) }
  }
}
