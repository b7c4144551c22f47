// SPDX-License-Identifier: Apache-2.0
//
// The part of a text report about mapped memory, which no other number of it includes.

/// Writes what mmap took.
struct TextMappings {
  private static let limit = 3

  let report: LeakReport

  func write(on page: TextPage) {
    let totals = report.mappings.totals
    guard totals.outstandingCount > 0 else { return }
    let kinds = MappingKind.allCases.filter { totals[$0] > 0 }
      .map { "\(page.bytes(totals[$0])) \(Self.name(of: $0))" }
    page.heading("Mapped beside the heap (mmap)", "not in the totals above")
    page.paragraph(kinds.joined(separator: ", "), indent: 4)
    for site in report.mappings.sites.prefix(Self.limit) {
      let pieces = Quantity.count(site.totals.outstandingCount, "mapping")
      page.line(
        .init("    - "), .init(page.bytes(site.totals.outstandingBytes), .strong),
        .init("  \(pieces)  "),
        .init(TextFrames(report: report).summary(site.stack, on: page), .faint))
    }
    let shown = UInt64(min(Self.limit, report.mappings.sites.count))
    if report.mappings.siteCount > shown, !report.selection.isFiltered {
      let more = Quantity.count(report.mappings.siteCount - shown, "more stack")
      page.line(.init("    … \(more); --format json has them", .faint))
    }
  }

  private static func name(of kind: MappingKind) -> String {
    switch kind {
    case .anonymous: "anonymous"
    case .file: "of files"
    case .reservation: "reserved (PROT_NONE)"
    }
  }
}
