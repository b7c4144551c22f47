// SPDX-License-Identifier: Apache-2.0
//
// All that was measured on one workload.

/// One row of the tables.
struct WorkloadResult: Codable, Sendable {
  let workload: String
  let title: String
  /// The unit of all its wall times.
  let unit: String
  /// The commands that were run, natively: in full, and for contestants that are given less.
  let command: [String]
  let shortCommand: [String]
  /// Native runs of the full command, all rounds.
  var native: [RunTime] = []
  var nativeMemory: [PeakMemory] = []
  var contestants: [ContestantResult] = []

  /// The result of a contestant, by name.
  subscript(contestant: String) -> ContestantResult? {
    contestants.first { $0.contestant == contestant }
  }
}
