// SPDX-License-Identifier: Apache-2.0
//
// The part of a text report about much memory at once.

/// Writes single large allocations and bursts.
struct TextLargeAllocations {
  private static let limit = 5

  let report: LeakReport

  func write(on page: TextPage) {
    guard !report.largeAllocations.isEmpty else { return }
    let window = Quantity.duration(report.burstWindowNanoseconds)
    let isSame = report.burstThreshold == report.largeThreshold
    let burst = isSame ? "as much" : page.bytes(report.burstThreshold)
    page.heading(
      "Large and sudden allocations",
      "from \(page.bytes(report.largeThreshold)) on; \(burst) by a stack within \(window)")
    for large in report.largeAllocations.prefix(Self.limit) {
      page.line(
        .init("    "), .init(page.bytes(large.byteCount), .strong), .init("  " + facts(large)))
      TextFrames(report: report, limit: 2).write(large.stack, on: page, indent: 6)
    }
    let total = report.largeAllocationCount &+ report.burstCount
    let shown = UInt64(min(Self.limit, report.largeAllocations.count))
    if total > shown, !report.selection.isFiltered {
      page.line(
        .init("    … \(Quantity.count(total - shown)) more; --format json has them", .faint))
    }
  }

  private func facts(_ large: LargeAllocation) -> String {
    let at = Quantity.instant(large.nanoseconds)
    switch large.kind {
    case .single:
      let end = large.freedNanoseconds.map { "freed at \(Quantity.instant($0))" }
      return "in one block at \(at), \(end ?? "not freed")"
    case .burst:
      let duration = Quantity.duration(large.durationNanoseconds)
      return "in \(Quantity.count(large.blockCount, "block")) from \(at) on, within \(duration)"
    }
  }
}
