// SPDX-License-Identifier: Apache-2.0
//
// An address to be named, and what is known about it.

/// An address of code in the traced process.
package struct CodeAddress: Hashable, Sendable {
  package let address: UInt64
  /// Whether the address is where a call comes back to, not where the program was interrupted.
  package let isReturnAddress: Bool
  /// The image it lies in, as an index into the images given to the symbolicator.
  package let image: Int?

  package init(address: UInt64, isReturnAddress: Bool, image: Int?) {
    self.address = address
    self.isReturnAddress = isReturnAddress
    self.image = image
  }

  /// The address to ask symbol and line tables about.
  package var lookupAddress: UInt64 {
    isReturnAddress ? ReturnAddress(address).callSite : address
  }
}
