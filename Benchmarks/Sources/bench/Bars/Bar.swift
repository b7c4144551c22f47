// SPDX-License-Identifier: Apache-2.0
//
// A promise in figures, and what was measured.

/// Something that must not be more, or not be less, than a limit.
struct Bar: Codable, Equatable, Sendable {
  let name: String
  let limit: Double
  /// Whether the limit is the least that will do, and not the most.
  var isLeast = false
  let unit: String
  /// `nil` if it was not measured in this run.
  let measured: Double?
  /// What the figure was made from.
  var note = ""

  enum Verdict: String, Codable { case fail = "FAIL", pass, unmeasured = "not measured" }

  var verdict: Verdict {
    guard let measured else { return .unmeasured }
    return (isLeast ? measured >= limit : measured <= limit) ? .pass : .fail
  }
}
