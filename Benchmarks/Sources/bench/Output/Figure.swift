// SPDX-License-Identifier: Apache-2.0
//
// Numbers as the tables show them: three digits that count, never more.

import Foundation

/// Makes numbers into text.
enum Figure {
  /// Three significant digits; all digits before the point are kept.
  static func number(_ value: Double) -> String {
    guard value.isFinite else { return "-" }
    let magnitude = abs(value)
    let digits = magnitude >= 99.95 ? 0 : magnitude >= 9.995 ? 1 : magnitude >= 0.995 ? 2 : 3
    return String(format: "%.\(digits)f", value)
  }

  /// The same, or a dash for what was not measured.
  static func number(_ value: Double?) -> String { value.map { number($0) } ?? "-" }
}
