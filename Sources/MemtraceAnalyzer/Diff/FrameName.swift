// SPDX-License-Identifier: Apache-2.0
//
// What a frame is called wherever it runs: addresses are another each time, and lines move when a
// program is built again.

import Symbolication

/// A frame's names, without its place in memory or in its file.
struct FrameName: Hashable {
  private let function: String?
  /// Without its folder, which is another on another machine.
  private let file: Substring?
  private let image: Substring?
  /// Of a frame without a function: where in its image it is; and in none, in memory.
  private let offset: UInt64?

  init(_ frame: Frame) {
    function = frame.function
    file = frame.file.flatMap { $0.split(separator: "/").last }
    image = frame.image.flatMap { $0.split(separator: "/").last }
    offset = frame.function == nil ? frame.imageOffset ?? frame.address : nil
  }
}
