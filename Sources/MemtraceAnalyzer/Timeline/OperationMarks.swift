// SPDX-License-Identifier: Apache-2.0
//
// What grows between marks: each mark begins an operation that the next one ends. Marks of one name,
// a number at its end left out, are one operation done several times.

import TraceFile

/// The named marks of a trace, as ends of operations.
struct OperationMarks {
  /// A program that marks every request has very many; the first ones are taken.
  private static let limit = 4096
  /// Sites are looked at for so many intervals at most.
  private static let siteLimit = 1024

  let marks: [Mark]

  init(_ trace: TraceFile, from start: Ticks, through end: Ticks) {
    marks = Array(
      trace.marks.filter {
        start <= $0.ticks && $0.ticks <= end && ($0.kind == .named || $0.kind == .snapshot)
      }.prefix(Self.limit))
  }

  var instants: [Ticks] { marks.map(\.ticks) }

  /// The growth in each operation, the one that grew most first.
  func operations(
    _ history: SiteHistory, _ trace: TraceFile, _ resolver: StackResolver
  ) -> [OperationGrowth] {
    guard marks.count > 1 else { return [] }
    let places = Dictionary(
      zip(history.instants, history.instants.indices), uniquingKeysWith: { first, _ in first })
    var operations: [String: OperationGrowth] = [:]
    var spans: [String: [Range<Int>]] = [:]
    for (mark, next) in zip(marks, marks.dropFirst()) {
      guard let from = places[mark.ticks], let to = places[next.ticks], from < to else { continue }
      let name = Self.name(of: mark)
      operations[name, default: OperationGrowth(name: name)]
        .add(history.totals[from], history.totals[from + 1...to], trace.clock)
      operations[name]?.addRSS(Self.rss(trace, at: mark.ticks), Self.rss(trace, at: next.ticks))
      spans[name, default: []].append(from..<to)
    }
    if marks.count <= Self.siteLimit {
      for (name, spans) in spans {
        guard let (stack, bytes) = Self.top(history, spans) else { continue }
        operations[name]?.topStack = resolver.reportStack(stack)
        operations[name]?.topGrowthBytes = bytes
      }
    }
    return operations.values.sorted {
      $0.growthBytes != $1.growthBytes ? $0.growthBytes > $1.growthBytes : $0.name < $1.name
    }
  }

  private static func name(of mark: Mark) -> String {
    var name = mark.name[...]
    while let last = name.last, last.isNumber { name.removeLast() }
    while let last = name.last, " #-_:.".contains(last) { name.removeLast() }
    return name.isEmpty ? mark.name : String(name)
  }

  /// What grew most over some spans, taken together.
  private static func top(_ history: SiteHistory, _ spans: [Range<Int>]) -> (StackID, Int64)? {
    var best: (StackID, Int64)?
    for site in history.sites {
      let growth = spans.reduce(into: Int64(0)) { sum, span in
        sum += Int64(clamping: site.amount(at: span.upperBound).byteCount)
        sum -= Int64(clamping: site.amount(at: span.lowerBound).byteCount)
      }
      if growth > max(0, best?.1 ?? 0) { best = (site.stack, growth) }
    }
    return best
  }

  private static func rss(_ trace: TraceFile, at ticks: Ticks) -> UInt64? {
    trace.samples.last { $0.ticks <= ticks }?[.rssBytes]
  }
}

extension OperationGrowth {
  fileprivate mutating func add(
    _ before: HistoryTotals, _ span: ArraySlice<HistoryTotals>, _ clock: TraceClock
  ) {
    guard let after = span.last else { return }
    count += 1
    let bytes = Int64(clamping: after.outstandingBytes) - Int64(clamping: before.outstandingBytes)
    growthBytes += bytes
    growthCount +=
      Int64(clamping: after.outstandingCount) - Int64(clamping: before.outstandingCount)
    if bytes > 0 { growingCount += 1 }
    for row in span { allocatedBytes &+= row.allocatedBytes }
    nanoseconds &+= clock.nanoseconds(at: after.ticks) &- clock.nanoseconds(at: before.ticks)
  }

  fileprivate mutating func addRSS(_ before: UInt64?, _ after: UInt64?) {
    guard let before, let after else { return }
    rssGrowthBytes = (rssGrowthBytes ?? 0) + Int64(clamping: after) - Int64(clamping: before)
  }
}
