// SPDX-License-Identifier: Apache-2.0
//
// What a gate holds memory to, one value a limit.

/// A limit, of everything together or of each site on its own.
package struct CheckLimit: Hashable, Sendable {
  /// What is measured.
  package enum Measure: String, CaseIterable, Sendable {
    case leakBytes = "leak-bytes"
    case leakBlocks = "leak-blocks"
    case peakBytes = "peak-bytes"
    /// Bytes by iteration.
    case growth
  }

  /// Of what it is the limit.
  package enum Scope: String, Sendable {
    case total
    case site
  }

  package var measure: Measure
  package var scope: Scope
  /// The highest value that passes.
  package var value: Double

  package init(_ measure: Measure, _ scope: Scope, _ value: Double) {
    self.measure = measure
    self.scope = scope
    self.value = value
  }

  /// The option that sets it.
  package var option: String {
    switch scope {
    case .total: "--max-\(measure.rawValue)"
    case .site: "--max-site-\(measure.rawValue)"
    }
  }

  /// Whether it is one of what is outstanding at the end.
  var isOfLeaks: Bool { measure == .leakBytes || measure == .leakBlocks }
}
