// SPDX-License-Identifier: Apache-2.0
//
// What a text report is made for: a screen of some width, a file, a glance.

/// How a text report is laid out.
package struct TextOptions: Sendable {
  /// Columns of the screen; nil: no limit, lines are not cut.
  package var width: Int?
  package var usesColor = false
  /// Bytes to the last one instead of KiB, MiB.
  package var showsExactBytes = false
  /// The answer and the biggest sites only.
  package var isBrief = false

  package init() {}
}
