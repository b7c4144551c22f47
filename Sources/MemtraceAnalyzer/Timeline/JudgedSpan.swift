// SPDX-License-Identifier: Apache-2.0
//
// Which part of a trace patterns are about. A program that starts up grows, and one that exits in
// good order frees; neither says anything of how it lives in between.

import TraceFile

/// Picks the part that is judged.
enum JudgedSpan {
  /// Share of the trace that is taken for start-up.
  private static let startShare = 20
  private static let longestStartNanoseconds: UInt64 = 30_000_000_000
  /// What node takes to start, on a busy machine; of a short trace a fifth at most.
  private static let engineStartNanoseconds: UInt64 = 500_000_000
  private static let engineStartShare = 5
  /// Share of the trace, at its end, in which frees may be those of an exit.
  private static let endShare = 10

  /// Indices of the series; at least one.
  static func range(
    _ series: TimelineSeries, _ trace: TraceFile, _ options: TimelineOptions
  ) -> Range<Int> {
    let times = series.nanoseconds
    guard times.count > 4, let first = times.first, let last = times.last else {
      return 0..<max(1, times.count)
    }
    var start = 0
    if options.from == nil {
      var skipped = min((last - first) / UInt64(startShare), longestStartNanoseconds)
      let program = trace.process.executable.split(separator: "/").last
      if program == "node" || program == "nodejs" {
        skipped = max(
          skipped, min(engineStartNanoseconds, (last - first) / UInt64(engineStartShare)))
      }
      start = times.firstIndex { $0 - first >= skipped } ?? 0
    }
    var end = times.count
    if options.to == nil, trace.state == .exited || trace.state == .executed {
      let resident = series.rssBytes.map { $0 ?? 0 }
      for values in [series.mallocBytes, series.mmapBytes, resident] {
        end = min(end, behindLastHigh(values))
      }
    }
    return start..<max(end, start + 1)
  }

  /// Behind the last high value, where the series falls from it to its very end.
  private static func behindLastHigh(_ values: [UInt64]) -> Int {
    let tail = values.suffix(max(3, values.count / endShare))
    guard let high = tail.max(), let last = tail.last, Double(last) < 0.8 * Double(high),
      let index = tail.lastIndex(where: { Double($0) >= 0.95 * Double(high) })
    else { return values.count }
    return index + 1
  }
}
