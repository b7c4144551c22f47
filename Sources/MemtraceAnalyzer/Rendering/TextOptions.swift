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
  /// Letters, digits and signs of ASCII only, for a screen that shows no others.
  package var isASCII = false
  /// Whether plumbing (`PlumbingTable`) is summed up in one line where it stands in a stack.
  package var foldsPlumbing = true
  /// Most frames to show of a stack; nil: a few where plumbing is folded, all where it is not.
  package var frameLimit: Int?
  /// Most branches to show of a node of a tree, and none that hold next to nothing; nil: all.
  package var branchLimit: Int? = 10
  /// The answer and the biggest sites only.
  package var isBrief = false

  package init() {}
}
