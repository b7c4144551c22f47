// SPDX-License-Identifier: Apache-2.0
//
// Questions that a trace cannot answer. Facts here, worded once, below.

/// What is wrong with what was asked of a trace.
package enum AnalysisError: Error, Hashable, Sendable {
  case noSuchMark(name: String, known: [String])
  /// `from` lies behind `to`.
  case emptyInterval(fromNanoseconds: UInt64, toNanoseconds: UInt64)
  case aliveBeforeEnd(toNanoseconds: UInt64, aliveAtNanoseconds: UInt64)
  case malformedFilter(String, reason: String)
  /// Marks bound fewer batches of iterations than tell a leak from what happens once.
  case tooFewBatches(prefix: String, found: Int, needed: Int)
}

extension AnalysisError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .noSuchMark(let name, let known) where known.isEmpty:
      "the trace has no mark named '\(name)', nor any other; give a time such as 1.5s"
    case .noSuchMark(let name, let known):
      "the trace has no mark named '\(name)'; it has \(Self.list(known))"
    case .emptyInterval(let from, let to):
      """
      nothing lies between --from (\(Self.seconds(from)) s) and --to (\(Self.seconds(to)) s); \
      exchange them
      """
    case .aliveBeforeEnd(let to, let aliveAt):
      """
      --alive-at (\(Self.seconds(aliveAt)) s) lies before --to (\(Self.seconds(to)) s); \
      name a later instant
      """
    case .malformedFilter(let pattern, let reason):
      "'\(pattern)' is not a regular expression: \(reason)"
    case .tooFewBatches(let prefix, let found, let needed):
      """
      the marks '\(prefix)0' to '\(prefix)\(max(found, 0))' bound \(max(found, 0)) \
      \(found == 1 ? "batch" : "batches"); growth is told from \(needed) on
      """
    }
  }

  private static func list(_ names: [String]) -> String {
    var distinct: [String] = []
    for name in names where !distinct.contains(name) {
      if distinct.count == 8 { return distinct.joined(separator: ", ") + ", ..." }
      distinct.append("'\(name)'")
    }
    return distinct.joined(separator: ", ")
  }

  private static func seconds(_ nanoseconds: UInt64) -> String {
    "\(Double(nanoseconds / 1_000_000) / 1000)"
  }
}
