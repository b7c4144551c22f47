// SPDX-License-Identifier: Apache-2.0
//
// What there was at several instants, for the formats that show memory over time.

import TraceFile

/// The heap at instants of the time asked for.
struct ExportHistory {
  /// In nanoseconds since the start of the trace.
  let instants: [UInt64]
  /// By instant, of what passes the filters; all that is said of intervals is of all.
  private(set) var totals: [HistoryTotals]
  /// Which of the instants has the sites' amounts: every so many, and the last.
  let siteStride: Int
  /// Whether less than all sites are meant.
  let isFiltered: Bool
  /// Each with the innermost step of its stack.
  private let series: [(end: UInt32, series: SiteSeries)]

  /// Instants at equal distances, the last of them the end of what is looked at.
  static func instants(_ interval: Interval, in trace: TraceFile, count: Int) -> [Ticks] {
    guard count > 0 else { return [] }
    // An end that nobody asked for is behind everything, whenever that was.
    let end = min(interval.end, max(interval.start, trace.endTicks))
    return SiteHistory.grid(from: interval.start, through: end, count: count).dropLast()
      + [interval.end]
  }

  init(
    _ history: SiteHistory, of sites: SiteStream, isFiltered: Bool, _ interval: Interval
  ) {
    instants = history.instants.map { ticks in
      min(sites.clock.nanoseconds(at: ticks), interval.nanoseconds.upperBound)
    }
    siteStride = history.siteStride
    self.isFiltered = isFiltered
    let resolver = sites.resolver
    let numbers = isFiltered ? resolver.numbers() : nil
    func number(_ stack: StackID) -> UInt32 { numbers?[stack] ?? resolver.end(of: stack) }
    let wanted = isFiltered ? Set(sites.totals.lazy.map { number($0.stack) }) : []
    series = history.sites.lazy.filter { !isFiltered || wanted.contains(number($0.stack)) }
      .map { (resolver.end(of: $0.stack), $0) }
    totals = history.totals
    guard isFiltered else { return }
    for instant in totals.indices {
      let amounts = series.map { $0.1.amount(at: instant) }
      totals[instant].outstandingBytes = amounts.reduce(0) { $0 &+ $1.byteCount }
      totals[instant].outstandingCount = amounts.reduce(0) { $0 &+ $1.count }
    }
  }

  /// Whether the sites' amounts at an instant are known.
  func hasSites(at instant: Int) -> Bool {
    instant % siteStride == 0 || instant == instants.count - 1
  }

  /// The stacks that held something at an instant; one may come several times.
  func held(at instant: Int) -> [HeldStack] {
    series.compactMap { end, series in
      let amount = series.amount(at: instant)
      return amount.count > 0 ? HeldStack(end: end, amount: amount) : nil
    }
  }

  /// A row for each instant.
  func rows(_ source: ExportSource) -> [SeriesRow] {
    let resident = source.samples.compactMap { sample in
      sample[.rssBytes].map { (source.clock.nanoseconds(at: sample.ticks), $0) }
    }
    var next = 0
    return zip(instants, totals).enumerated().filter { !isFiltered || hasSites(at: $0.offset) }
      .map { _, row in
        let (nanoseconds, totals) = row
        while next < resident.count, resident[next].0 <= nanoseconds { next += 1 }
        return SeriesRow(
          nanoseconds: nanoseconds, totals: totals, isFiltered: isFiltered,
          residentBytes: next > 0 ? resident[next - 1].1 : nil)
      }
  }
}

/// What a stack held at an instant.
struct HeldStack {
  /// Its innermost step.
  var end: UInt32
  var amount: SiteAmount
}

/// Memory at one instant, as a row of a table.
struct SeriesRow {
  static let columns = [
    "timeNs", "outstandingBytes", "outstandingCount", "peakBytes", "allocatedBytes",
    "allocationCount", "freedBytes", "freeCount", "mappedBytes", "rssBytes",
  ]

  let nanoseconds: UInt64
  let totals: HistoryTotals
  /// What is known of all sites only is left out, then.
  let isFiltered: Bool
  /// As sampled last.
  let residentBytes: UInt64?

  /// In the order of the columns.
  var values: [UInt64?] {
    let ofAll = [
      totals.peakBytes, totals.allocatedBytes, totals.allocationCount, totals.freedBytes,
      totals.freeCount,
    ]
    return [nanoseconds, totals.outstandingBytes, totals.outstandingCount]
      + ofAll.map { isFiltered ? nil : $0 }
      + [totals.mappings.outstandingBytes, residentBytes]
  }
}
