// SPDX-License-Identifier: Apache-2.0
//
// The heart of a text report: the sites, the first ones first, each with how much and where; or
// groups of them, or all of them laid over each other.

/// Writes the list of sites.
struct TextSites {
  let report: LeakReport

  func write(on page: TextPage) {
    guard !report.sites.isEmpty else {
      if report.selection.isFiltered, report.heap.allocationCount > 0 {
        page.blank()
        page.paragraph("No stack passes \(filterWords).")
      }
      return
    }
    if let tree = report.tree {
      TextTree(report: report, tree: tree).write(on: page) { writeSelection(on: page) }
    } else if let grouping = report.grouping {
      TextGroups(report: report, grouping: grouping).write(on: page) { writeSelection(on: page) }
    } else {
      writeSites(on: page)
    }
  }

  private func writeSites(on page: TextPage) {
    let matching = report.selection.matching.siteCount
    let listed = report.sites.count
    page.heading(
      title,
      matching > UInt64(listed)
        ? "first \(listed) of \(Quantity.count(matching)) stacks"
        : Quantity.count(matching, "stack"))
    writeSelection(on: page)
    let amounts = TextAmounts(report, on: page)
    let frames = TextFrames(report: report)
    for (index, site) in report.sites.enumerated() {
      let ordinal = PrintableText.padded("\(index + 1).", to: 3, onLeft: true) + " "
      page.line(
        .init(ordinal, .faint), .init(amounts.amount(site.totals), .strong),
        .init("  " + amounts.facts(site.totals)))
      frames.write(site.stack, on: page, indent: 4)
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

  /// How much of all the filters leave.
  private func writeSelection(on page: TextPage) {
    let selection = report.selection
    guard selection.isFiltered else { return }
    let share = Quantity.share(
      selection.order.amount(of: selection.matching), of: selection.order.amount(of: selection.all))
    let unit = selection.order.countsBlocks ? "blocks" : "bytes"
    page.paragraph(
      """
      \(filterWords): \(Quantity.count(selection.matching.siteCount)) of \
      \(Quantity.count(selection.all.siteCount, "stack")), \(share) of the \(unit)
      """, indent: 4, style: .faint)
  }

  private var filterWords: String {
    let selection = report.selection
    let filter = selection.filter.map { ["--filter '\(PrintableText.escaped($0))'"] } ?? []
    let images = selection.onlyImages.map { "--only-image '\(PrintableText.escaped($0))'" }
    return (filter + images).joined(separator: " ")
  }

  private func writeRest(on page: TextPage) {
    let matching = report.selection.matching
    let listed = UInt64(report.sites.count)
    guard matching.siteCount > listed else { return }
    let count = Quantity.count(matching.siteCount - listed, "more stack")
    let listedBytes = report.sites.reduce(0) { $0 &+ $1.totals.outstandingBytes }
    let rest = page.bytes(matching.outstandingBytes &- listedBytes)
    page.line(.init("    … \(count) with \(rest); --top 0 lists all", .faint))
  }
}
