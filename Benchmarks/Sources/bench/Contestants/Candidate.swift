// SPDX-License-Identifier: Apache-2.0
//
// Who might take part: what is not installed is skipped by name, with the reason.

/// A contestant that takes part, or the reason why one does not.
enum Candidate {
  case present(Contestant)
  case absent(name: String, reason: String)

  var name: String {
    switch self {
    case .present(let contestant): contestant.name
    case .absent(let name, _): name
    }
  }

  /// The contestant, if it takes part.
  var contestant: Contestant? {
    if case .present(let contestant) = self { contestant } else { nil }
  }

  /// Name and reason, if it does not.
  var absence: BenchReport.Entry? {
    if case .absent(let name, let reason) = self { .init(name: name, remark: reason) } else { nil }
  }

  /// One line for `--list`.
  var line: String {
    switch self {
    case .present(let contestant):
      contestant.version.isEmpty ? contestant.name : "\(contestant.name): \(contestant.version)"
    case .absent(let name, let reason): "\(name) skipped: \(reason)"
    }
  }
}
