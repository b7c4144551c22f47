// SPDX-License-Identifier: Apache-2.0
//
// At which instants memory over time is looked at: an even grid, the marks, and the peak, which is
// known last.

import TraceFile

/// The instants of a `MemoryHistory`, in whole nanoseconds, so that `--from` and `--to` can name them.
struct MemoryPlan {
  /// Instants at equal distances; fewer where many sites may change between any two.
  private static let gridCount = 96
  private static let leastGridCount = 8
  private static let bookLimit = 4_000_000
  /// Marks that are instants of their own.
  private static let markLimit = 60

  struct Instant {
    var ticks: Ticks
    var nanoseconds: UInt64
    var label: String?
  }

  private let clock: TraceClock
  private let span: ClosedRange<UInt64>
  private var byTime: [UInt64: Instant] = [:]

  init(_ trace: TraceFile, _ interval: Interval) {
    clock = trace.clock
    span = interval.nanoseconds
    let first = span.lowerBound
    let last = span.upperBound
    let count = UInt64(Self.gridCount(trace.stacks))
    for step in 1..<count {
      add(first + (last - first) / count * step + (last - first) % count * step / count)
    }
    // The nanosecond that ends behind an instant: what happens at the instant is in it.
    for mark in trace.marks.filter({ $0.kind == .named || $0.kind == .snapshot })
      .prefix(Self.markLimit)
    {
      add(clock.nanoseconds(at: mark.ticks) &+ 1, mark.name)
    }
    if interval.start.rawValue > 0 {
      // What begins at the start counts.
      byTime[first] = Instant(
        ticks: Ticks(interval.start.rawValue - 1), nanoseconds: first, label: nil)
    }
    byTime[last] = Instant(ticks: interval.end, nanoseconds: last, label: nil)
  }

  private static func gridCount(_ stacks: StackTable) -> Int {
    guard stacks.idLimit > bookLimit / gridCount else { return gridCount }
    return min(gridCount, max(leastGridCount, bookLimit / max(1, stacks.leafCount)))
  }

  private mutating func add(_ nanoseconds: UInt64, _ label: String? = nil) {
    guard span.lowerBound < nanoseconds, nanoseconds < span.upperBound else { return }
    if byTime[nanoseconds]?.label != nil { return }
    byTime[nanoseconds] = Instant(
      ticks: clock.ticks(atNanoseconds: nanoseconds), nanoseconds: nanoseconds, label: label)
  }

  /// Makes an instant of the end of the nanosecond of the peak, and returns it.
  @discardableResult
  mutating func add(peak: Ticks) -> Ticks {
    let nanoseconds = clock.nanoseconds(at: peak) &+ 1
    add(nanoseconds)
    return clock.ticks(atNanoseconds: nanoseconds)
  }

  /// Ascending.
  var instants: [Instant] { byTime.values.sorted { $0.nanoseconds < $1.nanoseconds } }
}
