// SPDX-License-Identifier: Apache-2.0
//
// The span of a trace that is looked at.

import TraceFile

/// From where on blocks count, and at which instant they must still be there.
struct Interval {
  let start: Ticks
  let end: Ticks
  let nanoseconds: ClosedRange<UInt64>
  /// Whether it is less than all of the trace.
  let isPart: Bool

  init(_ options: AnalysisOptions, in trace: TraceFile) throws(AnalysisError) {
    start = try options.from?.ticks(in: trace, as: .from) ?? Ticks(0)
    let last = max(start, trace.endTicks)
    // Without an end asked for even what a growing trace holds behind its end is counted.
    end = try options.to?.ticks(in: trace, as: .to) ?? Ticks(.max)
    let from = trace.clock.nanoseconds(at: start)
    let to = trace.clock.nanoseconds(at: options.to == nil ? last : end)
    guard from <= to else {
      throw .emptyInterval(fromNanoseconds: from, toNanoseconds: to)
    }
    nanoseconds = from...to
    isPart = options.from != nil || options.to != nil
  }
}
