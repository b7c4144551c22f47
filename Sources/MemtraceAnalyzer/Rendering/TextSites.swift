// SPDX-License-Identifier: Apache-2.0
//
// The heart of a text report: the sites, the first ones first, each with how much and where.

import TraceFile

/// Writes the list of sites.
struct TextSites {
  let report: LeakReport

  func write(on page: TextPage) {
    guard !report.sites.isEmpty else {
      if let filter = report.selection.filter {
        page.blank()
        page.paragraph("No stack matches '\(PrintableText.escaped(filter))'.")
      }
      return
    }
    page.heading(title, remark)
    for (index, site) in report.sites.enumerated() {
      write(site, number: index + 1, on: page)
    }
    writeRest(on: page)
  }

  private var title: String {
    switch report.selection.order {
    case .outstanding: "Outstanding, by stack"
    case .count: "Outstanding, by number of blocks"
    case .total: "Allocated in all, by bytes"
    case .allocations: "Allocated in all, by number of blocks"
    case .peak: "Each stack's own peak"
    case .temporary: "Temporary allocations"
    }
  }

  private var remark: String {
    let matching = report.selection.matchingSiteCount
    let filter = report.selection.filter.map { " matching '\(PrintableText.escaped($0))'" } ?? ""
    guard matching > UInt64(report.sites.count) else {
      return "\(Quantity.count(matching, "stack"))\(filter)"
    }
    return "first \(report.sites.count) of \(Quantity.count(matching)) stacks\(filter)"
  }

  private func write(_ site: Site, number: Int, on page: TextPage) {
    let totals = site.totals
    let ordinal = PrintableText.padded("\(number).", to: 3, onLeft: true) + " "
    var facts: [String]
    let amount: String
    switch report.selection.order {
    case .outstanding, .count:
      amount = page.bytes(totals.outstandingBytes)
      facts = [Quantity.count(totals.outstandingCount, "block")]
      if report.heap.outstandingBytes > 0 {
        facts.insert(
          Quantity.share(totals.outstandingBytes, of: report.heap.outstandingBytes), at: 0)
      }
      facts.append(freedWords(totals))
    case .total, .allocations:
      amount = page.bytes(totals.allocatedBytes)
      facts = [Quantity.count(totals.allocationCount, "block"), outstandingWords(totals, page)]
    case .peak:
      amount = page.bytes(totals.peakBytes)
      facts = [outstandingWords(totals, page)]
    case .temporary:
      amount = Quantity.count(totals.temporaryCount, "block")
      facts = [
        "\(Quantity.share(totals.temporaryCount, of: totals.allocationCount)) of its "
          + Quantity.count(totals.allocationCount, "block"), outstandingWords(totals, page),
      ]
    }
    facts.append(site.functions.map(\.name).joined(separator: ", "))
    page.line(
      .init(ordinal, .faint), .init(amount, .strong),
      .init("  " + facts.joined(separator: ", ")))
    TextFrames(report: report).write(site.stack, on: page, indent: 4)
  }

  /// Whether the site ever freed anything, which tells a leak from a cache.
  private func freedWords(_ totals: SiteTotals) -> String {
    let freed = totals.allocationCount &- totals.outstandingCount
    if totals.allocationCount == 1 { return "the only one" }
    if freed == 0 { return "none ever freed" }
    return "\(Quantity.count(freed)) of \(Quantity.count(totals.allocationCount)) freed"
  }

  private func outstandingWords(_ totals: SiteTotals, _ page: TextPage) -> String {
    totals.outstandingCount == 0
      ? "all freed"
      : "\(page.bytes(totals.outstandingBytes)) outstanding"
  }

  private func writeRest(on page: TextPage) {
    let selection = report.selection
    let listed = UInt64(report.sites.count)
    guard selection.matchingSiteCount > listed else { return }
    let count = Quantity.count(selection.matchingSiteCount - listed, "more stack")
    let listedBytes = report.sites.reduce(0) { $0 &+ $1.totals.outstandingBytes }
    let rest = page.bytes(selection.matchingBytes &- listedBytes)
    page.line(.init("    … \(count) with \(rest); --top 0 lists all", .faint))
  }
}
