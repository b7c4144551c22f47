// SPDX-License-Identifier: Apache-2.0
//
// One thing that `doctor` looked at, and what it means.

/// The outcome of a check.
struct Finding: Equatable {
  enum Verdict: Equatable {
    case good
    /// Works, but not as one may expect.
    case doubtful
    /// Prevents a recording.
    case bad
  }

  let verdict: Verdict
  let subject: String
  let meaning: String

  static func good(_ subject: String, _ meaning: String) -> Finding {
    Finding(verdict: .good, subject: subject, meaning: meaning)
  }

  static func doubtful(_ subject: String, _ meaning: String) -> Finding {
    Finding(verdict: .doubtful, subject: subject, meaning: meaning)
  }

  static func bad(_ subject: String, _ meaning: String) -> Finding {
    Finding(verdict: .bad, subject: subject, meaning: meaning)
  }
}
