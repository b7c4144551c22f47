// SPDX-License-Identifier: Apache-2.0
//
// One frame of a stack.

/// One frame of a stack: where in a function its thread was.
package struct StackFrame: Hashable, Sendable {
  /// A return address, so one behind the call; the instruction itself where `isExact`.
  package let address: Address
  package let isExact: Bool

  package init(address: Address, isExact: Bool = false) {
    self.address = address
    self.isExact = isExact
  }
}
