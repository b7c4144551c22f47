// SPDX-License-Identifier: Apache-2.0
//
// What symbolication makes of an address: one value a frame, without any text layout.
// Strings are as the file has them, control characters included; whoever prints them escapes.

/// A function that was active at an address, as far as its name and line are known.
package struct Frame: Hashable, Sendable {
  package enum Kind: Hashable, Sendable {
    case native
    case javascript
  }

  /// The function's name, demangled; nil when no symbol covers the address.
  package var function: String?
  /// The source file, by its full path where that is known.
  package var file: String?
  /// The line in `file`, from 1.
  package var line: Int?
  /// The column in `line`, from 1.
  package var column: Int?
  /// The path of the image the address lies in; nil for code outside every image.
  package var image: String?
  /// The address less the image's load bias: what `addr2line -e image` takes.
  package var imageOffset: UInt64?
  /// The address as it was asked for.
  package var address: UInt64
  /// Whether the function was inlined into the one of the next frame.
  package var isInlined: Bool
  package var kind: Kind

  package init(
    function: String? = nil, file: String? = nil, line: Int? = nil, column: Int? = nil,
    image: String? = nil, imageOffset: UInt64? = nil, address: UInt64, isInlined: Bool = false,
    kind: Kind = .native
  ) {
    self.function = function
    self.file = file
    self.line = line
    self.column = column
    self.image = image
    self.imageOffset = imageOffset
    self.address = address
    self.isInlined = isInlined
    self.kind = kind
  }
}
