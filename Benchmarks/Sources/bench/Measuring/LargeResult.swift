// SPDX-License-Identifier: Apache-2.0
//
// What was measured on recordings that are too large for every round.

/// Sizes of large recordings, and the speed of reports on them.
struct LargeResult: Codable, Sendable {
  /// One recording and the reports on it.
  struct Recording: Codable, Sendable {
    let command: [String]
    let byteCount: Int
    let eventCount: Int
    /// Times of reports, in milliseconds, and the highest peak of their resident memory.
    var reportMilliseconds: [Double] = []
    var reportResidentBytes = 0

    var bytesPerEvent: Double { Double(byteCount) / Double(max(eventCount, 1)) }
    var report: Distribution? { Distribution(reportMilliseconds) }
    /// Nanoseconds that a report takes for one event.
    var reportNanosecondsPerEvent: Double? {
      report.map { $0.median * 1e6 / Double(max(eventCount, 1)) }
    }
  }

  /// 90 million short-lived pairs, as memtrace records them.
  let folded: Recording
  /// The same with every event written out.
  let unfolded: Recording
  /// 100 million events, all written out.
  let events: Recording
  /// A thousand and a million distinct stacks, all events written out.
  let fewStacks: Recording
  let manyStacks: Recording
}
