// SPDX-License-Identifier: Apache-2.0
//
// A return address is not the address of the call; the one place that subtracts.

/// Where a call will come back to.
struct ReturnAddress: Hashable, Sendable {
  let rawValue: UInt64

  init(_ rawValue: UInt64) { self.rawValue = rawValue }

  /// An address inside the call instruction, where the line table has the caller's line.
  ///
  /// The return address itself may already belong to the next line, or, behind a call that never
  /// returns, to the next function.
  var callSite: UInt64 { rawValue &- 1 }
}
