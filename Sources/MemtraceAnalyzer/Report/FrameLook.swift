// SPDX-License-Identifier: Apache-2.0
//
// Whether two frames read the same: code that is compiled again gets a new address, and two calls
// on one line have two.

import Symbolication

/// What a reader sees of a frame.
struct FrameLook: Hashable {
  private let function: String?
  private let file: String?
  private let line: Int?
  private let column: Int?
  /// Tells frames apart that have no name or no line.
  private let address: UInt64

  init(_ frame: Frame) {
    function = frame.function
    file = frame.file
    line = frame.line
    // Functions of a bundled script share one long line; a native line's columns tell no more.
    column = frame.kind == .javascript ? frame.column : nil
    address = frame.line == nil || frame.function == nil ? frame.address : 0
  }
}
