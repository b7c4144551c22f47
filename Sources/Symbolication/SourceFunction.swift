// SPDX-License-Identifier: Apache-2.0
//
// What a file's tables say of an address, before it is tied to an address of the process.

/// A place in a source file, as far as it is known.
struct SourceLocation: Hashable, Sendable {
  var file: String?
  var line: Int?
  var column: Int?

  static let unknown = SourceLocation()
}

/// A function, and where in it the address is (or the call of what was inlined into it).
struct SourceFunction: Hashable, Sendable {
  var name: String?
  var location = SourceLocation.unknown
  var isInlined = false
}
