// SPDX-License-Identifier: Apache-2.0
//
// Rows of comma-separated values, RFC 4180: lines end with CR LF, texts are in quotes where they
// need them. A text that a spreadsheet would take for a formula is kept from being one.

/// A table under construction.
struct CSVWriter {
  enum Field {
    case number(UInt64)
    case text(String)
    /// UTF-8 that is a field already, as `quoted` gives it.
    case quoted([UInt8])
  }

  private static let quote = UInt8(ascii: "\"")
  private static let formulaSigns = Array("=+-@".utf8)

  private let output: ReportOutput

  init(_ output: ReportOutput) {
    self.output = output
  }

  mutating func row(_ fields: [Field]) {
    var isFirst = true
    for field in fields {
      if !isFirst { output.write(",") }
      isFirst = false
      switch field {
      case .number(let number): output.write(decimal: number)
      case .text(let text): output.write(bytes: Self.quoted(text))
      case .quoted(let text): output.write(bytes: text)
      }
    }
    output.write("\r\n")
  }

  /// A text on one line, with nothing that steers.
  static func quoted(_ text: String) -> [UInt8] {
    quoted(printable: PrintableText.escaped(text).utf8)
  }

  /// The same of what is known to be printable.
  static func quoted(printable text: some Collection<UInt8>) -> [UInt8] {
    // As OWASP recommends: a spreadsheet runs what begins like this.
    let mayRun = text.first.map { Self.formulaSigns.contains($0) } ?? false
    let needsQuotes = text.contains { $0 == UInt8(ascii: ",") || $0 == Self.quote }
    var field: [UInt8] = []
    field.reserveCapacity(text.count + 3)
    if needsQuotes { field.append(Self.quote) }
    if mayRun { field.append(UInt8(ascii: "'")) }
    guard needsQuotes else { return field + text }
    for byte in text {
      if byte == Self.quote { field.append(byte) }
      field.append(byte)
    }
    field.append(Self.quote)
    return field
  }
}
