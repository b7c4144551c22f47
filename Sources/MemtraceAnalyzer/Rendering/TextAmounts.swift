// SPDX-License-Identifier: Apache-2.0
//
// How much a stack, or a group of them, holds or allocated, in the words that fit the order in
// which they are listed.

import TraceFile

/// Amounts in words.
struct TextAmounts {
  let order: SiteOrder
  let page: TextPage
  /// What shares are of.
  let whole: UInt64

  init(_ report: LeakReport, on page: TextPage) {
    order = report.selection.order
    self.page = page
    whole = order.amount(of: report.selection.all)
  }

  /// What the order is by.
  func amount(_ amounts: some SiteAmounts) -> String { self.amount(order.amount(of: amounts)) }

  func amount(_ number: UInt64) -> String {
    order.countsBlocks ? Quantity.count(number, "block") : page.bytes(number)
  }

  func share(_ amounts: some SiteAmounts) -> String {
    Quantity.share(order.amount(of: amounts), of: whole)
  }

  /// What else there is to say: share, blocks, whether any were freed, by which functions.
  ///
  /// `stacks`: how many it is of, where that is worth saying.
  func facts(_ totals: SiteTotals, stacks: UInt64? = nil) -> String {
    let inStacks = stacks.map { " in \(Quantity.count($0, "stack"))" } ?? ""
    var facts: [String]
    switch order {
    case .outstanding:
      facts = [share(totals), Quantity.count(totals.outstandingCount, "block") + inStacks]
      facts.append(freedWords(totals))
    case .count:
      facts = [share(totals), page.bytes(totals.outstandingBytes) + inStacks, freedWords(totals)]
    case .total:
      facts = [
        Quantity.count(totals.allocationCount, "block") + inStacks, outstandingWords(totals),
      ]
    case .allocations:
      facts = [page.bytes(totals.allocatedBytes) + inStacks, outstandingWords(totals)]
    case .peak:
      facts = [outstandingWords(totals) + inStacks]
    case .temporary:
      let share = Quantity.share(totals.temporaryCount, of: totals.allocationCount)
      facts = [
        "\(share) of its \(Quantity.count(totals.allocationCount, "block"))\(inStacks)",
        outstandingWords(totals),
      ]
    }
    facts.append(totals.functions.map(\.name).joined(separator: ", "))
    return facts.joined(separator: ", ")
  }

  /// Whether the site ever freed anything, which tells a leak from a cache.
  private func freedWords(_ totals: SiteTotals) -> String {
    let freed = totals.allocationCount &- totals.outstandingCount
    if totals.allocationCount == 1 { return "the only one" }
    if freed == 0 { return "none ever freed" }
    return "\(Quantity.count(freed)) of \(Quantity.count(totals.allocationCount)) freed"
  }

  private func outstandingWords(_ totals: SiteTotals) -> String {
    totals.outstandingCount == 0
      ? "all freed"
      : "\(page.bytes(totals.outstandingBytes)) outstanding"
  }
}
