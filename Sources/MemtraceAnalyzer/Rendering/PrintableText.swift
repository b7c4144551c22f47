// SPDX-License-Identifier: Apache-2.0
//
// Names come out of files that anyone may have made: nothing in them may steer the terminal.
// Also the width of a text on a screen, and cutting it to one.

/// Text made fit for a screen.
package enum PrintableText {
  /// The text with control and direction-changing characters written out, as `\x1b`.
  package static func escaped(_ text: String) -> String {
    // Most names are plain, and many are looked at.
    if text.utf8.allSatisfy({ 0x20..<0x7f ~= $0 }) { return text }
    guard text.unicodeScalars.contains(where: isUnprintable) else { return text }
    var result = ""
    for scalar in text.unicodeScalars {
      if isUnprintable(scalar) {
        let digits = String(scalar.value, radix: 16)
        result +=
          scalar.value < 0x100
          ? "\\x" + (digits.count < 2 ? "0" : "") + digits : "\\u{\(digits)}"
      } else {
        result.unicodeScalars.append(scalar)
      }
    }
    return result
  }

  private static func isUnprintable(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0..<0x20, 0x7f..<0xa0: true
    case 0x200b...0x200f, 0x2028...0x202e, 0x2060...0x2069, 0xfeff: true
    default: false
    }
  }

  /// Columns the text takes on a screen.
  static func width(_ text: String) -> Int {
    text.utf8.allSatisfy { $0 < 0x80 }
      ? text.utf8.count : text.reduce(0) { $0 + CharacterWidth.columns($1) }
  }

  /// The text in letters, digits and signs that every screen has.
  static func ascii(_ text: String) -> String {
    guard text.utf8.contains(where: { $0 >= 0x80 }) else { return text }
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "…": result += "..."
      case "│": result += "|"
      case "├": result += "|"
      case "└": result += "`"
      case "─": result += "-"
      default:
        if scalar.isASCII {
          result.unicodeScalars.append(scalar)
        } else {
          result += "\\u{\(String(scalar.value, radix: 16))}"
        }
      }
    }
    return result
  }

  /// The text, its end replaced by `…` where it is wider than `width`.
  package static func cut(_ text: String, to width: Int, ellipsis: String = "…") -> String {
    guard self.width(text) > width else { return text }
    guard width > 0 else { return "" }
    return prefix(text, width - 1) + ellipsis
  }

  /// The text, its beginning replaced by `…`: for paths, whose end says most.
  static func cutFront(_ text: String, to width: Int) -> String {
    guard self.width(text) > width else { return text }
    guard width > 0 else { return "" }
    return "…" + String(prefix(String(text.reversed()), width - 1).reversed())
  }

  private static func prefix(_ text: String, _ width: Int) -> String {
    var result = ""
    var used = 0
    for character in text {
      used += CharacterWidth.columns(character)
      if used > width { break }
      result.append(character)
    }
    return result
  }

  /// The text, filled up with spaces.
  static func padded(_ text: String, to width: Int, onLeft: Bool = false) -> String {
    let fill = String(repeating: " ", count: max(0, width - self.width(text)))
    return onLeft ? fill + text : text + fill
  }

  /// The text broken at spaces into lines no wider than `width`, as far as its words allow.
  package static func wrapped(_ text: String, to width: Int) -> [String] {
    var lines: [String] = []
    var line = ""
    var used = 0
    for word in text.split(separator: " ") {
      let wordWidth = self.width(String(word))
      if used > 0, used + 1 + wordWidth > width {
        lines.append(line)
        line = ""
        used = 0
      }
      line += used > 0 ? " " + word : String(word)
      used += (used > 0 ? 1 : 0) + wordWidth
    }
    if used > 0 { lines.append(line) }
    return lines
  }
}
