// SPDX-License-Identifier: Apache-2.0
//
// Columns of characters, beside what the C library says.

import Glibc
import Testing

@testable import MemtraceAnalyzer

@Suite struct CharacterWidthTests {
  @Test func everyScalarIsAsWideAsTheCLibrarySays() throws {
    let locale = try #require(newlocale(LC_CTYPE_MASK, "C.UTF-8", nil))
    let before = uselocale(locale)
    defer {
      uselocale(before)
      freelocale(locale)
    }
    // Not in Swift's view of the library.
    let symbol = try #require(dlsym(nil, "wcwidth"))
    let wcwidth = unsafeBitCast(symbol, to: (@convention(c) (Int32) -> Int32).self)
    var wrong: [String] = []
    var count = 0
    for value: UInt32 in 0xa0...0x3ffff {
      guard let scalar = Unicode.Scalar(value) else { continue }
      let expected = wcwidth(Int32(bitPattern: value))
      // What the C library's Unicode does not know yet has no width there.
      // U+1171E became a spacing mark with Unicode 15.
      guard expected >= 0, value != 0x1171e, scalar.properties.generalCategory != .unassigned else {
        continue
      }
      count += 1
      if CharacterWidth.columns(scalar) != Int(expected) {
        wrong.append("\\u{\(String(value, radix: 16))} \(expected)")
      }
    }
    #expect(count > 100_000)
    #expect(wrong.isEmpty, "\(wrong.count): \(wrong.prefix(40))")
  }

  @Test(arguments: [
    ("", 0), ("abc", 3), ("e\u{301}", 1), ("漢字", 4), ("ﾊﾝｶｸ", 4), ("한국어", 6),
    ("\u{1112}\u{1161}\u{11ab}", 2),
    ("👩‍👩‍👧", 2), ("👍🏽", 2), ("☂️", 2), ("🇩🇪", 2), ("…│├", 3), ("a\u{300}\u{301}\u{302}b", 2),
  ])
  func aTextIsAsWideAsATerminalShowsIt(text: String, columns: Int) {
    #expect(PrintableText.width(text) == columns)
  }

  @Test func textIsCutAndFilledByColumns() {
    #expect(PrintableText.cut("漢字漢字", to: 5) == "漢字…")
    #expect(PrintableText.cut("漢字漢字", to: 4) == "漢…")
    #expect(PrintableText.cutFront("/路径/名", to: 5) == "…/名")
    #expect(PrintableText.padded("漢", to: 4) == "漢  ")
    #expect(PrintableText.cut("e\u{301}e\u{301}e\u{301}", to: 2) == "e\u{301}…")
  }
}
