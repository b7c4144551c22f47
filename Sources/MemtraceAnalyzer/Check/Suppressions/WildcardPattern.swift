// SPDX-License-Identifier: Apache-2.0
//
// Names with wildcards, as suppressions have them.

/// A pattern for a whole text: `*` stands for anything, `?` for any one byte.
package struct WildcardPattern: Hashable, Sendable {
  package let text: String
  private let bytes: [UInt8]
  private let hasQueries: Bool

  /// The pattern; `hasQueries` says whether `?` is a wildcard.
  init(_ text: String, hasQueries: Bool = true) {
    self.text = text
    self.hasQueries = hasQueries
    bytes = Array(text.utf8)
  }

  private static let star = UInt8(ascii: "*")
  private static let query = UInt8(ascii: "?")

  var hasWildcards: Bool { bytes.contains(Self.star) || hasQueries && bytes.contains(Self.query) }

  /// Whether all of `text` matches.
  ///
  /// - Complexity: O(n m) at worst, without recursion: names may be long, and patterns anyone's.
  func matches(_ text: String) -> Bool {
    var text = text
    return text.withUTF8 { matches($0) }
  }

  private func matches(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
    var (at, place) = (0, 0)
    // Where to go on when what follows the last star does not match: it stands for one byte more.
    var retry: (at: Int, place: Int)?
    while place < text.count {
      if at < bytes.count, bytes[at] == Self.star {
        retry = (at + 1, place)
        at += 1
      } else if at < bytes.count, bytes[at] == text[place] || hasQueries && bytes[at] == Self.query
      {
        at += 1
        place += 1
      } else if let last = retry {
        retry = (last.at, last.place + 1)
        (at, place) = (last.at, last.place + 1)
      } else {
        return false
      }
    }
    return bytes[at...].allSatisfy { $0 == Self.star }
  }
}
