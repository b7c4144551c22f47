// SPDX-License-Identifier: Apache-2.0
//
// Groups of sites as text: how much, and what it is of.

/// Writes the list of groups.
struct TextGroups {
  let report: LeakReport
  let grouping: SiteGrouping

  /// Writes the groups; `selection` what is to stand below the heading.
  func write(on page: TextPage, selection: () -> Void) {
    let listed = grouping.groups.count
    let nouns = self.nouns
    page.heading(
      "\(title), by \(nouns.one)",
      grouping.groupCount > UInt64(listed)
        ? "first \(listed) of \(Quantity.count(grouping.groupCount)) \(nouns.many)"
        : Quantity.count(grouping.groupCount, nouns.one, nouns.many))
    selection()
    let amounts = TextAmounts(report, on: page)
    let names = TextFrameNames(report, page, indent: 4)
    for (index, group) in grouping.groups.enumerated() {
      let ordinal = PrintableText.padded("\(index + 1).", to: 3, onLeft: true) + " "
      page.line(
        .init(ordinal, .faint), .init(amounts.amount(group.totals), .strong),
        .init("  " + amounts.facts(group.totals, stacks: group.siteCount)))
      write(group.subject, names, on: page)
    }
    writeRest(amounts, on: page)
  }

  private var title: String {
    switch report.selection.order {
    case .outstanding: "Outstanding"
    case .count: "Outstanding blocks"
    case .total: "Allocated in all"
    case .allocations: "Blocks allocated in all"
    case .peak: "Peaks of stacks, added up"
    case .temporary: "Temporary allocations"
    }
  }

  private var nouns: (one: String, many: String) {
    switch grouping.key {
    case .stack: ("stack", "stacks")
    case .function: ("function", "functions")
    case .image: ("image", "images")
    case .js: ("JavaScript function", "JavaScript functions")
    }
  }

  private func write(_ subject: SiteGroup.Subject, _ names: TextFrameNames, on page: TextPage) {
    switch subject {
    case .function(let frame):
      let place = names.place(of: frame)
      page.line(
        .init("    "),
        .init(names.name(of: frame), frame.kind == .javascript ? .javascript : .plain),
        .init(place.isEmpty ? "" : "  " + place, .faint))
    case .image(let path):
      page.line(.init("    "), .init(names.path(path)))
    case .none:
      page.line(
        .init(grouping.key == .js ? "    (no JavaScript)" : "    (no stack recorded)", .faint))
    }
  }

  private func writeRest(_ amounts: TextAmounts, on page: TextPage) {
    let listed = UInt64(grouping.groups.count)
    guard grouping.groupCount > listed else { return }
    let order = report.selection.order
    let rest = grouping.groups.reduce(order.amount(of: report.selection.matching)) {
      $0 &- order.amount(of: $1.totals)
    }
    page.line(
      .init(
        "    … \(Quantity.count(grouping.groupCount - listed)) more with "
          + "\(amounts.amount(rest)); --top 0 lists all", .faint))
  }
}
