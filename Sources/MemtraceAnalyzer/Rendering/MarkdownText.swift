// SPDX-License-Identifier: Apache-2.0
//
// Text that means nothing but itself in GitHub's Markdown: no markup, no HTML, no link, no mention.

/// Text made fit for Markdown.
enum MarkdownText {
  /// As code within a line or a cell of a table, cut to so many columns.
  static func code(_ text: String, limit: Int = 120) -> String {
    let short = PrintableText.cut(PrintableText.escaped(text), to: limit)
    return short.isEmpty ? "" : "<code>\(escaped(short))</code>"
  }

  /// Every sign that could begin something as a reference to itself: those are read last.
  static func escaped(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "a"..."z", "A"..."Z", "0"..."9", " ", ",", "%", "=", ";", "?", "…", "/", ".":
        result.unicodeScalars.append(scalar)
      case "\u{21}"..."\u{7e}":
        result += "&#\(scalar.value);"
      default:
        result.unicodeScalars.append(scalar)
      }
    }
    // A word that begins so becomes a link.
    return result.replacing("www.", with: "www&#46;")
  }

  /// Lines as a block of code, in a fence that none of them can close.
  static func block(_ lines: [String]) -> String {
    var longest = 2
    for line in lines {
      var run = 0
      for byte in line.utf8 {
        run = byte == UInt8(ascii: "`") ? run + 1 : 0
        longest = max(longest, run)
      }
    }
    let fence = String(repeating: "`", count: longest + 1)
    return "\(fence)text\n\(lines.joined(separator: "\n"))\n\(fence)\n"
  }
}
