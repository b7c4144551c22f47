// SPDX-License-Identifier: Apache-2.0
//
// Names from files must not steer the terminal, nor break its lines.

import Testing

@testable import MemtraceAnalyzer

@Suite struct PrintableTextTests {
  @Test func controlCharactersAreWrittenOut() {
    #expect(PrintableText.escaped("a\u{1b}[31mb") == "a\\x1b[31mb")
    #expect(PrintableText.escaped("a\nb\tc\u{7f}") == "a\\x0ab\\x09c\\x7f")
    #expect(PrintableText.escaped("\u{9b}1m") == "\\x9b1m")
    #expect(PrintableText.escaped("a\u{202e}b") == "a\\u{202e}b")
  }

  @Test func ordinaryTextIsLeftAlone() {
    let text = "std::vector<größe, 東京>::push_back(😀&&)"
    #expect(PrintableText.escaped(text) == text)
  }

  @Test func widthCountsColumns() {
    #expect(PrintableText.width("abc") == 3)
    #expect(PrintableText.width("größe") == 5)
    #expect(PrintableText.width("東京") == 4)
  }

  @Test func tooLongTextIsCutAtTheEndOrTheFront() {
    #expect(PrintableText.cut("abcdef", to: 6) == "abcdef")
    #expect(PrintableText.cut("abcdef", to: 4) == "abc…")
    #expect(PrintableText.cutFront("/a/long/path.c", to: 8) == "…/path.c")
    #expect(PrintableText.cut("東京東京", to: 4) == "東…")
    #expect(PrintableText.cut("abc", to: 0) == "")
  }

  @Test func proseIsBrokenAtSpaces() {
    #expect(PrintableText.wrapped("one two three four", to: 9) == ["one two", "three", "four"])
    #expect(PrintableText.wrapped("incomprehensible", to: 5) == ["incomprehensible"])
    #expect(PrintableText.wrapped("", to: 5) == [])
  }
}
