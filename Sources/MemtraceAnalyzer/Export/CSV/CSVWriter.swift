// SPDX-License-Identifier: Apache-2.0
//
// Rows of comma-separated values, RFC 4180: lines end with CR LF, texts are in quotes where they
// need them. A text that a spreadsheet would take for a formula is kept from being one.

/// A table under construction.
struct CSVWriter {
  enum Field {
    case number(UInt64)
    case text(String)
  }

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
      case .number(let number): output.write(String(number))
      case .text(let text): output.write(Self.quoted(text))
      }
    }
    output.write("\r\n")
  }

  /// A text on one line, with nothing that steers.
  private static func quoted(_ text: String) -> String {
    var text = PrintableText.escaped(text)
    // As OWASP recommends: a spreadsheet runs what begins like this.
    if let first = text.unicodeScalars.first, "=+-@".unicodeScalars.contains(first) {
      text = "'" + text
    }
    guard text.utf8.contains(where: { $0 == UInt8(ascii: ",") || $0 == UInt8(ascii: "\"") })
    else { return text }
    return "\"" + String(text.flatMap { $0 == "\"" ? "\"\"" : String($0) }) + "\""
  }
}
