// SPDX-License-Identifier: Apache-2.0
//
// Reads JSON that a person may have edited: every value knows its line, so that an error can say
// where. Neither the depth of a text nor its numbers can do harm.

/// A value of a JSON text.
struct JSONValue {
  enum Content {
    case null
    case flag(Bool)
    /// As it was written.
    case number(Substring)
    case text(String)
    case array([JSONValue])
    case object([(name: String, value: JSONValue)])
  }

  var content: Content
  /// The line it begins in, from 1.
  var line: Int

  var text: String? { if case .text(let text) = content { text } else { nil } }
  var array: [JSONValue]? { if case .array(let values) = content { values } else { nil } }
  var unsigned: UInt64? { if case .number(let text) = content { UInt64(text) } else { nil } }

  subscript(name: String) -> JSONValue? {
    guard case .object(let members) = content else { return nil }
    return members.last { $0.name == name }?.value
  }
}

/// What is wrong with a JSON text.
struct JSONError: Error {
  var line: Int
  var reason: String
}

/// Takes a JSON text apart.
struct JSONReader {
  private static let depthLimit = 64

  private let bytes: [UInt8]
  private var place = 0
  private var line = 1
  private var depth = 0

  /// The value that `text` is.
  static func value(of text: String) throws(JSONError) -> JSONValue {
    var reader = JSONReader(bytes: Array(text.utf8))
    let value = try reader.value()
    reader.skipSpace()
    guard reader.place == reader.bytes.count else {
      throw reader.error("expected the end of the file")
    }
    return value
  }

  private init(bytes: [UInt8]) {
    self.bytes = bytes
  }

  private func error(_ reason: String) -> JSONError { JSONError(line: line, reason: reason) }

  private mutating func skipSpace() {
    while let byte = peek(), byte == 0x20 || byte == 0x0a || byte == 0x0d || byte == 0x09 {
      if byte == 0x0a { line += 1 }
      place += 1
    }
  }

  private func peek() -> UInt8? { place < bytes.count ? bytes[place] : nil }

  private mutating func take(_ character: Unicode.Scalar) -> Bool {
    guard peek() == UInt8(ascii: character) else { return false }
    place += 1
    return true
  }

  private mutating func value() throws(JSONError) -> JSONValue {
    skipSpace()
    let start = line
    guard let first = peek() else { throw error("expected a value, found the end of the file") }
    switch Unicode.Scalar(first) {
    case "{": return JSONValue(content: .object(try object()), line: start)
    case "[": return JSONValue(content: .array(try array()), line: start)
    case "\"": return JSONValue(content: .text(try string()), line: start)
    case "-", "0"..."9": return JSONValue(content: .number(number()), line: start)
    default: return JSONValue(content: try word(), line: start)
    }
  }

  private mutating func word() throws(JSONError) -> JSONValue.Content {
    for (word, content) in [("true", .flag(true)), ("false", .flag(false)), ("null", .null)]
      as [(String, JSONValue.Content)]
    where bytes[place...].starts(with: word.utf8) {
      place += word.utf8.count
      return content
    }
    throw error("expected a value")
  }

  private mutating func number() -> Substring {
    let start = place
    while let byte = peek(), "+-.eE0123456789".utf8.contains(byte) { place += 1 }
    return String(decoding: bytes[start..<place], as: UTF8.self)[...]
  }

  private mutating func nested<Element>(
    _ closing: Unicode.Scalar, _ element: (inout JSONReader) throws(JSONError) -> Element
  ) throws(JSONError) -> [Element] {
    place += 1
    depth += 1
    guard depth <= Self.depthLimit else { throw error("nested too deeply") }
    defer { depth -= 1 }
    var elements: [Element] = []
    skipSpace()
    if take(closing) { return elements }
    while true {
      elements.append(try element(&self))
      skipSpace()
      if take(closing) { return elements }
      guard take(",") else { throw error("expected ',' or '\(closing)'") }
    }
  }

  private mutating func array() throws(JSONError) -> [JSONValue] {
    try nested("]") { reader throws(JSONError) in try reader.value() }
  }

  private mutating func object() throws(JSONError) -> [(name: String, value: JSONValue)] {
    try nested("}") { reader throws(JSONError) in
      reader.skipSpace()
      guard reader.peek() == UInt8(ascii: "\"") else { throw reader.error("expected a name") }
      let name = try reader.string()
      reader.skipSpace()
      guard reader.take(":") else { throw reader.error("expected ':'") }
      return (name, try reader.value())
    }
  }

  private mutating func string() throws(JSONError) -> String {
    place += 1
    var text: [UInt8] = []
    while let byte = peek() {
      place += 1
      switch byte {
      case UInt8(ascii: "\""): return String(decoding: text, as: UTF8.self)
      case UInt8(ascii: "\\"): text += try escaped().utf8
      case ..<0x20: throw error("a control character in a string; a quotation mark is missing")
      default: text.append(byte)
      }
    }
    throw error("a string does not end")
  }

  private mutating func escaped() throws(JSONError) -> String {
    guard let byte = peek() else { throw error("a string does not end") }
    place += 1
    switch Unicode.Scalar(byte) {
    case "n": return "\n"
    case "r": return "\r"
    case "t": return "\t"
    case "b": return "\u{8}"
    case "f": return "\u{c}"
    case "\"", "\\", "/": return String(Unicode.Scalar(byte))
    case "u":
      let high = try hexadecimal()
      guard 0xd800..<0xdc00 ~= high, bytes[place...].starts(with: "\\u".utf8) else {
        return String(Unicode.Scalar(high) ?? "\u{fffd}")
      }
      place += 2
      let low = try hexadecimal()
      guard 0xdc00..<0xe000 ~= low else { return "\u{fffd}" }
      let scalar = 0x10000 + (high - 0xd800) << 10 + (low - 0xdc00)
      return String(Unicode.Scalar(scalar) ?? "\u{fffd}")
    default: throw error("an escape that JSON does not have")
    }
  }

  private mutating func hexadecimal() throws(JSONError) -> UInt32 {
    let digits = bytes[place...].prefix(4)
    guard digits.count == 4,
      let number = UInt32(String(decoding: digits, as: UTF8.self), radix: 16)
    else { throw error("expected four hexadecimal digits") }
    place += 4
    return number
  }
}
