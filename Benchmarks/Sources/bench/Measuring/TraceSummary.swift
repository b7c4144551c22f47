// SPDX-License-Identifier: Apache-2.0
//
// What the benchmarks want to know of a trace, from the JSON report.

import Foundation

/// The events of a trace.
struct TraceSummary: Equatable, Decodable {
  let eventCount: Int
  let lostEventCount: Int

  private enum Keys: String, CodingKey { case trace, summary, eventCount, lostEvents }

  init(from decoder: any Decoder) throws {
    let report = try decoder.container(keyedBy: Keys.self)
    let summary = try report.nestedContainer(keyedBy: Keys.self, forKey: .summary)
    let trace = try report.nestedContainer(keyedBy: Keys.self, forKey: .trace)
    eventCount = try summary.decode(Int.self, forKey: .eventCount)
    lostEventCount = try trace.decode(Int.self, forKey: .lostEvents)
  }

  /// The command that prints it.
  static func command(_ memtrace: String, on trace: String) -> Command {
    Command([memtrace, "report", "--format", "json", "--top", "1", trace])
  }
}
