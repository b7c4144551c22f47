// SPDX-License-Identifier: Apache-2.0
//
// Names of generated code through time: code is freed, and other code put in its place.

import Testing

@testable import Symbolication

struct GeneratedCodeHistoryTests {
  private func entry(_ start: UInt64, _ name: String, at time: UInt64, _ byteCount: UInt64 = 0x10)
    -> GeneratedCodeHistory.Entry
  {
    GeneratedCodeHistory.Entry(start: start, byteCount: byteCount, name: name, time: time)
  }

  private func address(_ address: UInt64) -> CodeAddress {
    CodeAddress(address: address, isReturnAddress: false, image: nil)
  }

  /// The names at an address with the times from which they hold.
  private func names(_ history: inout GeneratedCodeHistory, at place: UInt64) -> [String] {
    history.versions(at: address(place)).map { version in
      let frame = history.frame(at: address(place), entry: version.entry)
      return "\(version.time):\(frame.function ?? "?")"
    }
  }

  @Test func anAddressHasANameAtATime() {
    var history = GeneratedCodeHistory([
      entry(0x1000, "b", at: 20), entry(0x1000, "a", at: 10), entry(0x1008, "c", at: 30),
      entry(0x2000, "d", at: 5),
    ])
    #expect(history.mayChange)
    #expect(names(&history, at: 0x1000) == ["10:a", "20:b"])
    #expect(names(&history, at: 0x1008) == ["10:a", "20:b", "30:c"])
    #expect(names(&history, at: 0x1010) == ["30:c"])
    #expect(names(&history, at: 0x2000) == ["5:d"])
    #expect(names(&history, at: 0x3000) == [])
    #expect(history.latestFrame(at: address(0x1008))?.function == "c")
  }

  @Test func aReturnAddressIsLookedUpInItsCall() {
    var history = GeneratedCodeHistory([entry(0x1000, "a", at: 1), entry(0x1010, "b", at: 2)])
    let behind = CodeAddress(address: 0x1010, isReturnAddress: true, image: nil)
    let versions = history.versions(at: behind)
    #expect(versions.map { history.frame(at: behind, entry: $0.entry).function } == ["a"])
  }

  @Test func aFunctionCompiledAgainIsTheSame() {
    var history = GeneratedCodeHistory([
      entry(0x1000, "JS:~f /app.js:1:2", at: 1), entry(0x1000, "JS:*f /app.js:1:2", at: 2),
    ])
    #expect(names(&history, at: 0x1000) == ["1:f"])
  }

  @Test func aNameThatComesBackIsTheSameAsBefore() {
    var history = GeneratedCodeHistory([
      entry(0x1000, "a", at: 1), entry(0x1000, "b", at: 2), entry(0x1000, "a", at: 3),
    ])
    let versions = history.versions(at: address(0x1000))
    #expect(versions.count == 3)
    #expect(versions.first?.entry == versions.last?.entry)
  }

  @Test func ofOneTimeTheLastOneWrittenHolds() {
    var history = GeneratedCodeHistory([
      entry(0x1000, "a", at: 7, 0x20), entry(0xff0, "b", at: 7, 0x40),
    ])
    #expect(names(&history, at: 0x1000) == ["7:a", "7:b"])
  }

  @Test func codeThatLiesApartNeverChanges() {
    let history = GeneratedCodeHistory([entry(0x1010, "b", at: 1), entry(0x1000, "a", at: 2)])
    #expect(!history.mayChange)
    #expect(!GeneratedCodeHistory([]).mayChange)
  }

  @Test func randomNamesAreThoseOfAPlainSearch() {
    var random = Seeded(state: 42)
    let entries = (0..<300).map { time in
      entry(
        0x1000 + .random(in: 0..<64, using: &random) * 8,
        "f\(Int.random(in: 0..<5, using: &random))",
        at: UInt64(time / 2), .random(in: 0..<100, using: &random))
    }
    var history = GeneratedCodeHistory(entries)
    for place: UInt64 in 0xff0..<0x1300 {
      var expected: [String] = []
      for entry in entries where entry.start <= place && place < entry.start + entry.byteCount {
        if expected.last.map({ $0.hasSuffix(":" + entry.name) }) != true {
          expected.append("\(entry.time):\(entry.name)")
        }
      }
      #expect(names(&history, at: place) == expected, "at \(place)")
    }
  }

  @Test func namesThatAllCoverEachOtherCostNoMoreThanTheirNumberWarrants() {
    // As a hostile trace may have it: every address has every name.
    var history = GeneratedCodeHistory(
      (0..<1000).map { entry(0, "f\($0)", at: UInt64($0), .max) })
    for place: UInt64 in 0..<200 { _ = history.versions(at: address(place)) }
    #expect(history.isIncomplete)
    #expect(history.versions(at: address(9)) == [])
    #expect(history.latestFrame(at: address(9))?.function == "f999")
  }
}
