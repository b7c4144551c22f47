// SPDX-License-Identifier: Apache-2.0
//
// When two frames are of one function: the line of a call does not matter, the place of a
// JavaScript function does, since most of those have no name.

import Symbolication

/// A function, as far as a trace tells it from others.
struct FunctionIdentity: Hashable {
  private let function: String?
  private let file: String?
  private let image: String?
  private let kind: Frame.Kind
  private let line: Int?
  private let column: Int?
  /// Of code without a name.
  private let address: UInt64

  init(_ frame: Frame) {
    function = frame.function
    file = frame.file
    image = frame.image
    kind = frame.kind
    // For JavaScript these are where the function begins.
    line = frame.kind == .javascript ? frame.line : nil
    column = frame.kind == .javascript ? frame.column : nil
    address = frame.function == nil ? frame.imageOffset ?? frame.address : 0
  }
}
