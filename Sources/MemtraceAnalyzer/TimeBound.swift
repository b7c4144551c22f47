// SPDX-License-Identifier: Apache-2.0
//
// An end of the span of time that is looked at: an instant, or a mark's name.

import TraceFile

/// An instant of a trace, as a user names it.
package enum TimeBound: Hashable, Sendable {
  /// Since the start of the trace.
  case nanoseconds(UInt64)
  /// The mark of that name: the first one to begin at, the last one to end at.
  case mark(String)

  enum Side {
    case from
    case to
  }

  /// The instant in a given trace.
  func ticks(in trace: TraceFile, as side: Side) throws(AnalysisError) -> Ticks {
    switch self {
    case .nanoseconds(let nanoseconds):
      return trace.clock.ticks(atNanoseconds: nanoseconds)
    case .mark(let name):
      let marks = trace.marks.filter { $0.name == name }
      guard let mark = side == .from ? marks.first : marks.last else {
        throw .noSuchMark(name: name, known: trace.marks.map(\.name))
      }
      return mark.ticks
    }
  }
}
