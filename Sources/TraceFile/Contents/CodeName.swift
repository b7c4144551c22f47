// SPDX-License-Identifier: Apache-2.0
//
// A name the traced program gave to code it generated.

/// The name of a range of generated code, from `ticks` until a later one covers its start.
package struct CodeName: Hashable, Sendable {
  package let start: Address
  package let byteCount: UInt64
  package let name: String
  package let ticks: Ticks

  package init(start: Address, byteCount: UInt64, name: String, ticks: Ticks) {
    self.start = start
    self.byteCount = byteCount
    self.name = name
    self.ticks = ticks
  }
}
