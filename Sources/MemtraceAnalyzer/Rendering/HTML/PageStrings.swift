// SPDX-License-Identifier: Apache-2.0
//
// Every text of a page once, made fit to be shown: names come out of files that anyone may have
// made.

/// Texts and their numbers.
struct PageStrings {
  /// A template's name may fill a book; a page shows so much of it.
  private static let limit = 4000

  private(set) var texts: [String] = [""]
  private var numbers: [String: Int] = ["": 0]

  /// The number of a text; 0 for none.
  mutating func number(of text: String?) -> Int {
    guard let text, !text.isEmpty else { return 0 }
    if let known = numbers[text] { return known }
    let number = texts.count
    texts.append(Self.fit(text))
    numbers[text] = number
    return number
  }

  /// The text without what could steer a reader or a screen, and no longer than a page can bear.
  static func fit(_ text: String) -> String {
    let whole = PrintableText.escaped(text)
    guard whole.utf8.count > limit, whole.count > limit else { return whole }
    return whole.prefix(limit / 2) + " … " + whole.suffix(limit / 2)
  }
}
