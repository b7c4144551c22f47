// SPDX-License-Identifier: Apache-2.0
//
// Writes JSON as it is told: members in the order given, integers exactly, nothing kept.

/// A JSON text under construction.
struct JSONWriter {
  private let output: ReportOutput
  /// Whether no line is ever broken.
  private let isOneLine: Bool
  /// For each open object or array: whether it has an element yet, and one line for each.
  private var open: [(hasElements: Bool, isMultiline: Bool)] = []
  private var isAfterKey = false
  /// Whether the text stands in a page, which no string may end.
  private let isInMarkup: Bool

  init(_ output: ReportOutput, isOneLine: Bool = false, isInMarkup: Bool = false) {
    self.output = output
    self.isOneLine = isOneLine
    self.isInMarkup = isInMarkup
  }

  /// An object, its members written by `body`, each on a line of its own if `multiline`.
  mutating func object(multiline: Bool = false, _ body: (inout Self) -> Void) {
    container("{", "}", multiline, body)
  }

  /// An object on its own, as UTF-8: for what is written more than once.
  static func object(_ body: (inout Self) -> Void) -> [UInt8] {
    var bytes: [UInt8] = []
    let output = ReportOutput { bytes += $0 }
    var json = Self(output)
    json.object(body)
    try? output.finish()
    return bytes
  }

  /// An array, its elements written by `body`, each on a line of its own if `multiline`.
  mutating func array(multiline: Bool = false, _ body: (inout Self) -> Void) {
    container("[", "]", multiline, body)
  }

  /// The name of the member whose value comes next.
  mutating func key(_ name: String) {
    separate()
    quote(name)
    output.write(": ")
    isAfterKey = true
  }

  mutating func value(_ text: String?) {
    guard let text else { return null() }
    separate()
    quote(text)
  }

  mutating func value(_ number: some BinaryInteger) {
    separate()
    if number < 0 { output.write("-") }
    output.write(decimal: UInt64(number.magnitude))
  }

  mutating func value(_ number: (some BinaryInteger)?) {
    if let number { value(number) } else { null() }
  }

  /// A number with a fraction; null where it is none.
  mutating func value(_ number: Double) {
    guard number.isFinite else { return null() }
    separate()
    let isWhole = number == number.rounded() && abs(number) < 1e15
    output.write(isWhole ? String(Int64(number)) : "\(number)")
  }

  mutating func value(_ flag: Bool) {
    separate()
    output.write(flag ? "true" : "false")
  }

  /// A number with four digits behind the point.
  mutating func value(fraction: Double) {
    separate()
    let scaled = Int64((max(-1e12, min(1e12, fraction.isFinite ? fraction : 0)) * 10_000).rounded())
    let digits = String(scaled.magnitude % 10_000)
    let zeros = String(repeating: "0", count: 4 - digits.count)
    output.write("\(scaled < 0 ? "-" : "")\(scaled.magnitude / 10_000).\(zeros)\(digits)")
  }

  mutating func member(_ name: String, fraction: Double) {
    key(name)
    value(fraction: fraction)
  }

  mutating func null() {
    separate()
    output.write("null")
  }

  mutating func member(_ name: String, _ text: String?) {
    key(name)
    value(text)
  }

  mutating func member(_ name: String, _ number: some BinaryInteger) {
    key(name)
    value(number)
  }

  mutating func member(_ name: String, _ number: (some BinaryInteger)?) {
    key(name)
    value(number)
  }

  mutating func member(_ name: String, _ number: Double) {
    key(name)
    value(number)
  }

  mutating func member(_ name: String, _ flag: Bool) {
    key(name)
    value(flag)
  }

  /// Elements of an array that are JSON already; nothing if `text` is empty.
  mutating func elements(_ text: String) {
    guard !text.isEmpty else { return }
    separate()
    output.write(text)
  }

  /// The same as UTF-8.
  mutating func elements(utf8 text: some Collection<UInt8>) {
    guard !text.isEmpty else { return }
    separate()
    output.write(bytes: text)
  }

  // For nests deeper than functions can be called.
  mutating func beginObject() { begin("{", isMultiline: false) }
  mutating func endObject() { end("}") }
  mutating func beginArray() { begin("[", isMultiline: false) }
  mutating func endArray() { end("]") }

  private mutating func container(
    _ opening: String, _ closing: String, _ isMultiline: Bool, _ body: (inout Self) -> Void
  ) {
    begin(opening, isMultiline: isMultiline)
    body(&self)
    end(closing)
  }

  private mutating func begin(_ opening: String, isMultiline: Bool) {
    separate()
    output.write(opening)
    open.append((false, isMultiline && !isOneLine))
  }

  private mutating func end(_ closing: String) {
    let closed = open.removeLast()
    if closed.isMultiline, closed.hasElements { newLine() }
    output.write(closing)
  }

  /// What stands between the last thing written and the next value or key.
  private mutating func separate() {
    if isAfterKey {
      isAfterKey = false
      return
    }
    guard let last = open.indices.last else { return }
    if open[last].hasElements { output.write(open[last].isMultiline ? "," : ", ") }
    if open[last].isMultiline { newLine() }
    open[last].hasElements = true
  }

  private func newLine() {
    output.write("\n")
    for _ in open { output.write("  ") }
  }

  /// A string with everything escaped that JSON, a terminal or JavaScript could trip over.
  private func quote(_ text: String) {
    output.write("\"")
    defer { output.write("\"") }
    guard text.utf8.contains(where: mayNeedEscape) else { return output.write(text) }
    var clean = text.startIndex
    let scalars = text.unicodeScalars
    var index = clean
    while index < scalars.endIndex {
      let next = scalars.index(after: index)
      if let escaped = escape(scalars[index]) {
        if clean < index { output.write(String(text[clean..<index])) }
        output.write(escaped)
        clean = next
      }
      index = next
    }
    output.write(String(text[clean...]))
  }

  /// Whether a byte is, or begins, something that is escaped.
  private func mayNeedEscape(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "<"): isInMarkup
    case 0..<0x20, UInt8(ascii: "\""), UInt8(ascii: "\\"), 0x7f, 0xc2, 0xe2, 0xef: true
    default: false
    }
  }

  private func escape(_ scalar: Unicode.Scalar) -> String? {
    switch scalar {
    case "<": return isInMarkup ? "\\u003c" : nil
    case "\"": return "\\\""
    case "\\": return "\\\\"
    case "\n": return "\\n"
    case "\r": return "\\r"
    case "\t": return "\\t"
    // The last of them turn the direction of what follows, or cannot be seen.
    case "\u{0}"..."\u{1f}", "\u{7f}"..."\u{9f}", "\u{200b}"..."\u{200f}", "\u{2028}"..."\u{202e}",
      "\u{2060}"..."\u{2069}", "\u{feff}":
      let digits = String(scalar.value, radix: 16)
      return "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
    default: return nil
    }
  }
}
