// SPDX-License-Identifier: Apache-2.0
//
// What makes sites belong together.

/// By what sites are grouped.
package enum SiteGroupKey: String, CaseIterable, Sendable {
  /// Each stack is on its own.
  case stack
  /// The function that answers for the blocks.
  case function
  /// The ELF file whose code answers for them.
  case image
  /// The JavaScript function they were allocated under.
  case js
}
