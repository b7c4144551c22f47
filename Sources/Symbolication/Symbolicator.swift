// SPDX-License-Identifier: Apache-2.0
//
// The door of this module: addresses in, frames out.

/// Gives addresses their names.
package protocol Symbolicator {
  /// The frames at each address, one entry an address and in the same order.
  ///
  /// An entry has the innermost (inlined) function first and the enclosing function last, and is
  /// never empty: an address nothing is known about gives one frame without a function.
  mutating func frames(for addresses: [CodeAddress]) -> [[Frame]]
}
