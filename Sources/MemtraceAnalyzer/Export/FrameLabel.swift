// SPDX-License-Identifier: Apache-2.0
//
// What a frame is called in formats that have one name for it, on a line or in a box.

import Symbolication

/// Names of frames in exports; whole, and fit for a line of text.
enum FrameLabel {
  static let noStack = "(no stack recorded)"
  static let noOuterFrames = "(outer frames not recorded)"

  /// The function; where it has no name, its image and the address in there.
  static func name(of frame: Frame) -> String {
    if let function = frame.function, !function.isEmpty { return PrintableText.escaped(function) }
    if let offset = frame.imageOffset, let image = image(of: frame) {
      return "\(image)+0x" + String(offset, radix: 16)
    }
    return "0x" + String(frame.address, radix: 16)
  }

  /// The last component of its image's path.
  static func image(of frame: Frame) -> String? {
    frame.image?.split(separator: "/").last.map { PrintableText.escaped(String($0)) }
  }

  /// The source file where known, else the image.
  static func file(of frame: Frame) -> String? {
    let file = frame.file.flatMap { $0.isEmpty ? nil : $0 } ?? frame.image
    return file.map(PrintableText.escaped)
  }
}
