// SPDX-License-Identifier: Apache-2.0
//
// What a gate found, as one value without any text; renderers make lines, JSON or XML of it.

/// The outcome of a check.
package struct CheckResult: Sendable {
  package var processes: [CheckedProcess] = []
  /// Why it does not pass, the gravest first.
  package var failures: [CheckFailure] = []
  /// What is outstanding and not suppressed, the largest first; a baseline is not taken off.
  package var leaks: [CheckedSite] = []
  /// Sites whose own peak crossed the limit of peaks.
  package var peaks: [CheckedSite] = []
  /// The highest peak of any process.
  package var peakBytes: UInt64 = 0
  package var growth: Growth?
  package var suppressions: [SuppressionUse] = []
  package var baseline: BaselineComparison?
  package var options: CheckOptions

  package init(options: CheckOptions) {
    self.options = options
  }

  package var passed: Bool { failures.isEmpty }

  package var leakBytes: UInt64 { leaks.reduce(0) { $0 &+ $1.outstandingBytes } }
  package var leakCount: UInt64 { leaks.reduce(0) { $0 &+ $1.outstandingCount } }

  /// Suppressions that the user wrote and that silenced nothing.
  package var unusedSuppressions: [SuppressionUse] {
    suppressions.filter { !$0.suppression.isBuiltin && $0.siteCount == 0 }
  }

  /// The site that a failure is about.
  package func site(of failure: CheckFailure) -> CheckedSite? {
    guard let index = failure.site else { return nil }
    let list =
      switch failure.siteList {
      case .growth: growth?.sites.map(\.site) ?? []
      case .peaks: peaks
      case .leaks, nil: leaks
      }
    return list.indices.contains(index) ? list[index] : nil
  }
}

/// A suppression, and what it silenced.
package struct SuppressionUse: Sendable {
  package var suppression: Suppression
  package var siteCount: UInt64 = 0
  package var blockCount: UInt64 = 0
  package var byteCount: UInt64 = 0
}
