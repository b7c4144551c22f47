// SPDX-License-Identifier: Apache-2.0
//
// The JSON of each address's frames, made once: most of a report is the same frames again.

import Symbolication

/// Writes stacks, remembering the text of every address.
struct JSONFrameCache {
  private let frames: FrameTable
  private var texts: [UInt32: String] = [:]

  init(_ frames: FrameTable) {
    self.frames = frames
  }

  /// The members `stackTruncated` and `stack`.
  mutating func write(_ stack: ReportStack, _ json: inout JSONWriter) {
    json.member("stackTruncated", stack.isTruncated)
    json.key("stack")
    json.array { json in
      for address in stack.addresses {
        json.elements(text(of: address))
      }
    }
  }

  private mutating func text(of address: UInt32) -> String {
    if let known = texts[address] { return known }
    var bytes: [UInt8] = []
    let output = ReportOutput { bytes += $0 }
    var isFirst = true
    for frame in frames[address] {
      if !isFirst { output.write(", ") }
      isFirst = false
      var json = JSONWriter(output)
      Self.write(frame, &json)
    }
    try? output.finish()  // memory takes everything
    let text = String(decoding: bytes, as: UTF8.self)
    texts[address] = text
    return text
  }

  /// One frame, as every list of frames has it.
  static func write(_ frame: Frame, _ json: inout JSONWriter) {
    json.object { json in
      json.member("function", frame.function)
      json.member("file", frame.file)
      json.member("line", frame.line)
      json.member("column", frame.column)
      json.member("image", frame.image)
      json.member("imageOffset", frame.imageOffset.map(hexadecimal))
      json.member("address", hexadecimal(frame.address))
      json.member("inlined", frame.isInlined)
      json.member("kind", frame.kind == .javascript ? "javascript" : "native")
    }
  }

  /// As programs for debugging take an address; a number would lose digits in JavaScript.
  private static func hexadecimal(_ number: UInt64) -> String { "0x" + String(number, radix: 16) }
}
