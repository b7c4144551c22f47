// SPDX-License-Identifier: Apache-2.0
//
// JSON that any parser takes, whatever is in the strings.

import Foundation
import Testing

@testable import MemtraceAnalyzer

@Suite struct JSONWriterTests {
  private func json(_ body: (inout JSONWriter) -> Void) throws -> String {
    var bytes: [UInt8] = []
    let output = ReportOutput { bytes += $0 }
    var writer = JSONWriter(output)
    body(&writer)
    try output.finish()
    return String(decoding: bytes, as: UTF8.self)
  }

  @Test func membersStandInTheOrderGiven() throws {
    let text = try json { json in
      json.object { json in
        json.member("b", 1)
        json.member("a", "x")
        json.key("list")
        json.array { json in
          json.value(1)
          json.null()
          json.value(true)
        }
        json.key("empty")
        json.object { _ in }
        json.member("none", nil as Int?)
      }
    }
    #expect(text == #"{"b": 1, "a": "x", "list": [1, null, true], "empty": {}, "none": null}"#)
  }

  @Test func severalLinesAreIndented() throws {
    let text = try json { json in
      json.object(multiline: true) { json in
        json.member("a", 1)
        json.key("b")
        json.array(multiline: true) { $0.value(2) }
        json.key("c")
        json.array(multiline: true) { _ in }
      }
    }
    #expect(text == "{\n  \"a\": 1,\n  \"b\": [\n    2\n  ],\n  \"c\": []\n}")
  }

  @Test func integersAreExact() throws {
    #expect(try json { $0.value(UInt64.max) } == "18446744073709551615")
    #expect(try json { $0.value(Int64.min) } == "-9223372036854775808")
  }

  @Test func everyCharacterSurvives() throws {
    var text = ""
    for value: UInt32 in Array(0...0x2ff) + Array(0x2020...0x2030) + [0xfffd, 0x1f600, 0x10ffff] {
      if let scalar = Unicode.Scalar(value) { text.unicodeScalars.append(scalar) }
    }
    let written = try json { $0.array { $0.value(text) } }
    let parsed = try JSONSerialization.jsonObject(with: Data(written.utf8)) as? [String]
    #expect(parsed == [text])
    // Nothing in it may steer a terminal or end a line of JavaScript.
    #expect(
      written.unicodeScalars.allSatisfy {
        $0.value >= 0x20 && !(0x7f..<0xa0).contains($0.value) && $0.value != 0x2028
      })
  }

  @Test func invalidUTF8BecomesReplacementCharacters() throws {
    let text = String(
      decoding: [0x61, 0xff, 0xc3, 0x28, 0xed, 0xa0, 0x80] as [UInt8], as: UTF8.self)
    let written = try json { $0.array { $0.value(text) } }
    let parsed = try JSONSerialization.jsonObject(with: Data(written.utf8)) as? [String]
    #expect(parsed?.first?.hasPrefix("a\u{fffd}") == true)
  }

  @Test func aFailureOfTheSinkIsThrownAtTheEnd() throws {
    struct Full: Error {}
    var pieces = 0
    let output = ReportOutput { _ in
      pieces += 1
      throw Full()
    }
    for _ in 0..<100_000 { output.write("some text") }
    #expect(throws: Full.self) { try output.finish() }
    #expect(pieces == 1)
  }
}
