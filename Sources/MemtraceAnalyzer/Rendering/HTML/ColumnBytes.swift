// SPDX-License-Identifier: Apache-2.0
//
// Columns of numbers as a page carries them: LEB128 varints, then base64. A hundred thousand sites
// as JSON numbers would be three times as long, and as slow to read.

/// A column of numbers under construction.
struct ColumnBytes {
  private(set) var bytes: [UInt8] = []

  init() {}

  init(_ numbers: some Sequence<UInt64>) {
    for number in numbers { append(number) }
  }

  /// Appends a number; small ones take a byte.
  ///
  /// Beyond what a page counts exactly it is cut to that.
  mutating func append(_ number: UInt64) {
    var rest = min(number, Self.largest)
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(truncatingIfNeeded: rest))
  }

  mutating func append(_ number: Int) { append(UInt64(clamping: number)) }

  /// The highest number that JavaScript holds exactly; only a damaged trace has higher ones.
  static let largest: UInt64 = 1 << 53 - 1

  /// The column in base64 (RFC 4648), padded.
  var base64: String { Self.base64(bytes) }

  static func base64(_ bytes: [UInt8]) -> String {
    let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    var text: [UInt8] = []
    text.reserveCapacity((bytes.count + 2) / 3 * 4)
    var index = 0
    while index < bytes.count {
      let count = min(3, bytes.count - index)
      var word = UInt32(bytes[index]) << 16
      if count > 1 { word |= UInt32(bytes[index + 1]) << 8 }
      if count > 2 { word |= UInt32(bytes[index + 2]) }
      for place in 0..<4 {
        let letter = alphabet[Int(word >> UInt32(18 - 6 * place) & 63)]
        text.append(place <= count ? letter : UInt8(ascii: "="))
      }
      index += count
    }
    return String(decoding: text, as: UTF8.self)
  }
}
