// SPDX-License-Identifier: Apache-2.0
//
// How a page's numbers and stacks are packed, against what others say of the same bytes.

import Foundation
import MemtraceTestSupport
import Symbolication
import Testing
import TraceFile

@testable import MemtraceAnalyzer

@Suite struct PageNumbersTests {
  @Test func base64IsThatOfFoundation() {
    var random = SplitMix64(seed: 7)
    for count in 0..<100 {
      let bytes = (0..<count).map { _ in UInt8(truncatingIfNeeded: random.next()) }
      #expect(ColumnBytes.base64(bytes) == Data(bytes).base64EncodedString())
    }
  }

  @Test func digestsAreThoseOfTheStandard() throws {
    func hex(_ text: String) -> String {
      SHA256.digest(Array(text.utf8)).map { String(format: "%02x", $0) }.joined()
    }
    #expect(hex("") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
    #expect(hex("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    // Around the ends of blocks, and of the length.
    let folder = try ScratchFolder()
    for count in [54, 55, 56, 63, 64, 65, 119, 120, 128, 70_000] {
      let text = String(repeating: "x", count: count)
      let sum = try Program.run("sha256sum", [try folder.file("message", text)]).output
      #expect(sum.hasPrefix(hex(text)), "\(count)")
    }
  }

  @Test func aColumnIsSevenBitsAByte() {
    #expect(ColumnBytes([0, 127, 128, 300]).bytes == [0, 0x7f, 0x80, 1, 0xac, 2])
    #expect(ColumnBytes([.max]).bytes == ColumnBytes([1 << 53 - 1]).bytes)
  }

  @Test func stacksShareTheirCallers() {
    let table = FrameTable(
      (0..<6).map { [Frame(function: "f\($0)", image: "/a", address: UInt64($0))] })
    let frames = PageFrames(table)
    var trie = PageTrie()
    let first = trie.node(of: ReportStack(addresses: [2, 1, 0]), frames)
    #expect(trie.count == 4)
    #expect(trie.node(of: ReportStack(addresses: [3, 1, 0]), frames) == first + 1)
    #expect(trie.node(of: ReportStack(addresses: [2, 1, 0]), frames) == first)
    let cut = trie.node(of: ReportStack(addresses: [2], isTruncated: true), frames)
    #expect(trie.frames[Int(trie.parents[Int(cut)])] == UInt32(PageFrames.cut))
    let none = trie.node(of: ReportStack(addresses: []), frames)
    #expect(trie.frames[Int(none)] == UInt32(PageFrames.none))
    #expect(trie.parents.enumerated().allSatisfy { $0.offset == 0 || $0.element < $0.offset })
  }

  @Test func aTrieFindsEveryNodeHoweverManyThereAre() {
    var trie = PageTrie()
    var nodes: [UInt32] = []
    for frame in 0..<UInt32(20_000) { nodes.append(trie.child(of: frame / 7, frame)) }
    #expect(trie.count == 20_001)
    #expect((0..<UInt32(20_000)).allSatisfy { trie.child(of: $0 / 7, $0) == nodes[Int($0)] })
  }

  @Test func framesThatLookTheSameAreOne() {
    func frame(_ address: UInt64, line: Int) -> Frame {
      Frame(function: "f", file: "/f.c", line: line, image: "/a", address: address)
    }
    let frames = PageFrames(
      FrameTable([[frame(1, line: 5)], [frame(2, line: 5)], [frame(3, line: 6)]]))
    #expect(frames[0] == frames[1])
    #expect(frames[0] != frames[2])
  }

  // MARK: History

  /// Cohorts of random sizes that shrink as time goes on.
  private func history(instantCount: Int, siteCount: Int, seed: UInt64) -> MemoryHistory {
    var random = SplitMix64(seed: seed)
    var history = MemoryHistory()
    history.instants = (0..<instantCount).map {
      var instant = MemoryHistory.Instant(nanoseconds: UInt64($0 + 1) * 1000)
      instant.peakBytes = random.next() % 1000
      instant.label = $0 == 4 ? "mark" : nil
      return instant
    }
    for site in 0..<siteCount {
      for instant in 0..<instantCount where random.next() % 3 > 0 {
        var cohort = MemoryHistory.Cohort(site: site, instant: instant)
        cohort.allocatedBytes = 1000
        cohort.allocationCount = 10
        var held = random.next() % 1000
        for at in instant..<instantCount where at == instant || random.next() % 4 == 0 {
          cohort.changes.append(
            SiteChange(instant: UInt32(at), amount: SiteAmount(byteCount: held, count: held / 100)))
          held = held > 0 ? random.next() % held : 0
        }
        history.cohorts.append(cohort)
      }
    }
    return history
  }

  /// What sites hold at the last instant, and how much was allocated.
  private func sums(_ json: String) throws -> [String: Any] {
    let object = try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: Any]
    return try #require(object?["history"] as? [String: Any])
  }

  private func written(_ page: PageHistory) -> String {
    var text: [UInt8] = []
    let output = ReportOutput { text += $0 }
    var json = JSONWriter(output)
    json.object { json in page.write(&json) }
    try? output.finish()
    return String(decoding: text, as: UTF8.self)
  }

  private func numbers(_ base64: Any?) throws -> [UInt64] {
    let bytes = try #require((base64 as? String).flatMap { Data(base64Encoded: $0) })
    var numbers: [UInt64] = []
    var number: UInt64 = 0
    var shift: UInt64 = 0
    for byte in bytes {
      number |= UInt64(byte & 0x7f) << shift
      shift += 7
      if byte < 0x80 {
        numbers.append(number)
        (number, shift) = (0, 0)
      }
    }
    return numbers
  }

  /// By instant: bytes that are outstanding then.
  private func outstanding(_ cohorts: [MemoryHistory.Cohort], at instant: Int) -> UInt64 {
    cohorts.reduce(0) { sum, cohort in
      sum + (cohort.changes.last { $0.instant <= instant }?.amount.byteCount ?? 0)
    }
  }

  @Test(arguments: [UInt64(1), 2, 3])
  func givingUpInstantsLeavesTheOthersExact(seed: UInt64) throws {
    let history = history(instantCount: 17, siteCount: 30, seed: seed)
    let whole = try sums(written(PageHistory(history)))
    let page = try sums(written(PageHistory(history, byteLimit: 600)))
    let kept = try #require(page["instants"] as? [UInt64])
    let all = try #require(whole["instants"] as? [UInt64])
    #expect(kept.count < all.count && kept.count >= 2)
    #expect(kept.last == all.last)
    #expect(Set(kept).isSubset(of: all))

    let entries = try #require(page["entries"] as? [String: Any])
    let changes = try #require(page["changes"] as? [String: Any])
    let cohorts = try numbers(entries["cohort"])
    let counts = try numbers(entries["changeCount"])
    let steps = try numbers(changes["instant"])
    let bytes = try numbers(changes["bytes"])
    for (place, time) in kept.enumerated() {
      let original = try #require(all.firstIndex(of: time))
      var sum: UInt64 = 0
      var next = 0
      for (cohort, count) in zip(cohorts, counts) {
        var at = cohort
        var held: UInt64 = 0
        for _ in 0..<count {
          at += steps[next]
          if at <= place { held = bytes[next] }
          next += 1
        }
        sum += held
      }
      #expect(sum == outstanding(history.cohorts, at: original), "instant \(time)")
    }
    let allocated = try numbers(entries["allocatedBytes"]).reduce(0, +)
    #expect(allocated == history.cohorts.reduce(0) { $0 + $1.allocatedBytes })
    // The peak between two instants is the highest of those given up.
    let totals = try #require(page["totals"] as? [String: Any])
    #expect(try numbers(totals["peakBytes"]).max() == history.instants.map(\.peakBytes).max())
  }
}
