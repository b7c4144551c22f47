// SPDX-License-Identifier: Apache-2.0
//
// Everything that a run of the benchmarks has measured, as the JSON file holds it.

import Foundation

/// The JSON file's content.
struct BenchReport: Codable, Sendable {
  var schema = "memtrace-bench/1"
  /// When the run began, in ISO 8601.
  let date: String
  var machine: Machine
  let rounds: Int
  let isQuick: Bool
  /// Who took part, with the version that was found.
  let contestants: [Entry]
  /// Contestants and workloads that were left out, and why.
  var absent: [Entry]
  var workloads: [WorkloadResult] = []
  var large: LargeResult?
  var bars: [Bar] = []

  /// A contestant by name, and what there is to say of it.
  struct Entry: Codable, Sendable {
    let name: String
    let remark: String
  }

  /// The file's bytes.
  func json() throws -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    return try encoder.encode(self)
  }
}
