// SPDX-License-Identifier: Apache-2.0
//
// Demangled names have their result in front and their arguments behind, and both may be full of
// other names. What is in between says whose function it is.

/// Takes the name out of a demangled function.
enum FunctionName {
  private static let closing: [UInt8: UInt8] = [
    UInt8(ascii: "("): UInt8(ascii: ")"), UInt8(ascii: "<"): UInt8(ascii: ">"),
    UInt8(ascii: "{"): UInt8(ascii: "}"), UInt8(ascii: "["): UInt8(ascii: "]"),
  ]
  private static let keyword = "operator"

  /// `ns::f<int>` of `std::string ns::f<int>(char const*) [clone .cold]`.
  static func qualified(_ name: String) -> Substring {
    let bytes = name.utf8
    var start = bytes.startIndex
    var index = bytes.startIndex
    while index < bytes.endIndex {
      let byte = bytes[index]
      if byte == UInt8(ascii: "o"), let end = endOfOperator(in: bytes, at: index) {
        index = end
      } else if byte == UInt8(ascii: "("), !isPartOfName(bytes[index...]) {
        return name[start..<index]
      } else if let close = closing[byte] {
        index = behind(close, opened: byte, in: bytes, from: index)
      } else {
        index = bytes.index(after: index)
        // What came before a space was the result.
        if byte == UInt8(ascii: " "), index < bytes.endIndex { start = index }
      }
    }
    return name[start...]
  }

  /// `(anonymous namespace)` is a part of a name, and so is what follows `decltype`.
  private static func isPartOfName(_ rest: Substring.UTF8View) -> Bool {
    rest.starts(with: "(anonymous".utf8)
  }

  /// Behind `operator` and its symbol, which may be a bracket or have spaces in it.
  private static func endOfOperator(
    in bytes: String.UTF8View, at index: String.Index
  ) -> String.Index? {
    guard bytes[index...].starts(with: keyword.utf8) else { return nil }
    if index > bytes.startIndex, isWord(bytes[bytes.index(before: index)]) { return nil }
    var end = bytes.index(index, offsetBy: keyword.utf8.count)
    guard end < bytes.endIndex, !isWord(bytes[end]) else { return nil }
    if bytes[end...].starts(with: "()".utf8) { return bytes.index(end, offsetBy: 2) }
    while end < bytes.endIndex, bytes[end] != UInt8(ascii: "(") { end = bytes.index(after: end) }
    return end
  }

  private static func isWord(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), 0x80...:
      true
    default: false
    }
  }

  /// Behind the bracket that closes the one at `index`; the end where there is none.
  private static func behind(
    _ close: UInt8, opened open: UInt8, in bytes: String.UTF8View, from index: String.Index
  ) -> String.Index {
    var depth = 0
    var index = index
    while index < bytes.endIndex {
      let byte = bytes[index]
      index = bytes.index(after: index)
      if byte == open { depth += 1 }
      if byte == close { depth -= 1 }
      if depth == 0 { return index }
    }
    return index
  }
}
