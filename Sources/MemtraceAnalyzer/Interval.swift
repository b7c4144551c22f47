// SPDX-License-Identifier: Apache-2.0
//
// The span of a trace that is looked at.

import TraceFile

/// From where on blocks count, and at which instant they must still be there.
struct Interval {
  let start: Ticks
  /// The instant at which they must still be there.
  let end: Ticks
  /// Up to which they count.
  let last: Ticks
  let nanoseconds: ClosedRange<UInt64>
  /// Whether it is less than all of the trace.
  let isPart: Bool
  /// The instant that was asked for beside the span.
  let aliveAtNanoseconds: UInt64?

  init(_ options: AnalysisOptions, in trace: TraceFile) throws(AnalysisError) {
    start = try options.from?.ticks(in: trace, as: .from) ?? Ticks(0)
    let traceEnd = max(start, trace.endTicks)
    // Without an end asked for even what a growing trace holds behind its end is counted.
    last = try options.to?.ticks(in: trace, as: .to) ?? Ticks(.max)
    end = try options.aliveAt?.ticks(in: trace, as: .to) ?? last
    let from = trace.clock.nanoseconds(at: start)
    let to = trace.clock.nanoseconds(at: options.to == nil ? traceEnd : last)
    guard from <= to else {
      throw .emptyInterval(fromNanoseconds: from, toNanoseconds: to)
    }
    nanoseconds = from...to
    aliveAtNanoseconds = options.aliveAt == nil ? nil : trace.clock.nanoseconds(at: end)
    if let aliveAtNanoseconds, aliveAtNanoseconds < to, options.to != nil || end < start {
      throw .aliveBeforeEnd(toNanoseconds: to, aliveAtNanoseconds: aliveAtNanoseconds)
    }
    isPart = options.from != nil || options.to != nil || options.aliveAt != nil
  }
}
