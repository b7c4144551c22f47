// SPDX-License-Identifier: Apache-2.0
//
// Emphasis, where a terminal shows it. The text is complete without it.

/// A way to set off a piece of text.
enum TextStyle: String {
  case plain = ""
  case strong = "1"
  case faint = "2"
  case alarming = "1;31"
  case warning = "33"
  case good = "32"
  case heading = "1;34"
  case javascript = "36"

  /// The text, between the escape sequences that make it look so.
  func apply(to text: String, ifColored isColored: Bool) -> String {
    guard isColored, self != .plain, !text.isEmpty else { return text }
    return "\u{1b}[\(rawValue)m\(text)\u{1b}[0m"
  }
}
