// SPDX-License-Identifier: Apache-2.0
//
// Blocks of two functions never share a site, though the functions' code lay at one address.

import CTraceFormat
import MemtraceTestSupport
import Testing
import TraceFile

@testable import MemtraceAnalyzer

@Suite struct StackMeaningsTests {
  private let native: UInt64 = 0x1110
  private let first: UInt64 = 0x7000_0010
  private let second: UInt64 = 0x7100_0010

  private func fixture() -> AnalysisFixture {
    let fixture = AnalysisFixture()
    fixture.builder.image("/app/addon.node", start: 0x1000, end: 0x9000)
    fixture.symbolicator.name(native, "lose")
    return fixture
  }

  private func name(_ code: UInt64, _ function: String) -> String {
    "\(String(code & ~0xff, radix: 16)) 100 JS:~\(function) /app/server.js:\(function.utf8.count):9\n"
  }

  /// Each site's functions, innermost first, with the bytes that it holds.
  private func sites(_ report: LeakReport) -> [String: UInt64] {
    var sites: [String: UInt64] = [:]
    for site in report.sites {
      let functions = report.frames.frames(of: site.stack).map { $0.function ?? "?" }
      let key = functions.joined(separator: "<")
      #expect(sites[key] == nil, "\(key) is listed twice")
      sites[key] = site.totals.outstandingBytes
    }
    return sites
  }

  @Test func blocksBelongToTheFunctionOfTheirTime() throws {
    let fixture = fixture()
    let stack = fixture.builder.stack([native, first])
    fixture.builder.codeNames(name(first, "old"), at: 10)
    fixture.builder.codeNames(name(first, "newer"), at: 20)
    fixture.main.malloc(0x100, 1, stack: stack, at: 5)
    fixture.main.malloc(0x200, 2, stack: stack, at: 15)
    fixture.main.malloc(0x300, 4, stack: stack, at: 20)
    fixture.main.malloc(0x400, 8, stack: stack, at: 25)
    fixture.main.free(0x200, at: 26)
    fixture.builder.end(at: 30)
    let report = try fixture.report()
    #expect(sites(report) == ["lose<old": 1, "lose<newer": 12])
    #expect(report.heap.outstandingBytes == 13)
    #expect(report.sites.map(\.totals.allocationCount).sorted() == [2, 2])
    #expect(report.selection.siteCount == 2)
  }

  @Test func everyFrameHasItsOwnHistory() throws {
    let fixture = fixture()
    let stack = fixture.builder.stack([native, first, second])
    for (code, function, time): (UInt64, String, UInt64) in [
      (first, "a", 0), (second, "xx", 0), (first, "bbb", 10), (second, "yyyy", 20),
      (first, "a", 30), (second, "xx", 40),
    ] {
      fixture.builder.codeNames(name(code, function), at: time)
    }
    for (index, time): (UInt64, UInt64) in [(0, 5), (1, 15), (2, 25), (3, 35), (4, 45), (5, 47)] {
      fixture.main.malloc(0x1000 + index * 0x100, 1 << index, stack: stack, at: time)
    }
    fixture.builder.end(at: 50)
    // A function that comes back is the same site again.
    #expect(
      sites(try fixture.report()) == [
        "lose<a<xx": 1 + 16 + 32, "lose<bbb<xx": 2, "lose<bbb<yyyy": 4, "lose<a<yyyy": 8,
      ])
  }

  @Test func stacksWithoutSuchCodeAreLeftAlone() throws {
    let fixture = fixture()
    let plain = fixture.builder.stack([native])
    let again = fixture.builder.stack([native], isAnew: true)
    fixture.builder.codeNames(name(first, "a") + name(first, "bbb"), at: 1)
    fixture.main.malloc(0x100, 1, stack: plain, at: 2)
    fixture.main.malloc(0x200, 2, stack: again, at: 3)
    fixture.main.malloc(0x300, 4, at: 4)
    fixture.builder.end(at: 5)
    let report = try fixture.report()
    #expect(sites(report) == ["lose": 3, "": 4])
  }

  @Test func aTraceWithoutAnyStackMayHaveSuchCode() throws {
    let fixture = fixture()
    fixture.builder.codeNames(name(first, "a"), at: 1)
    fixture.builder.codeNames(name(first, "bbb"), at: 10)
    fixture.main.malloc(0x100, 1, at: 2)
    fixture.main.malloc(0x200, 2, stack: StackID(7), at: 11)
    fixture.main.free(0x100, at: 12)
    fixture.builder.end(at: 20)
    #expect(sites(try fixture.report()) == ["": 2])
  }

  @Test func equalStacksHaveEqualMeanings() throws {
    let fixture = fixture()
    let one = fixture.builder.stack([native, first])
    let two = fixture.builder.stack([native, first], isAnew: true)
    fixture.builder.codeNames(name(first, "a"), at: 1)
    fixture.builder.codeNames(name(first, "bbb"), at: 10)
    for (index, (stack, time)) in [(one, 2), (two, 3), (two, 11), (one, 12)].enumerated() {
      fixture.main.malloc(
        0x100 * UInt64(index + 1), 1 << UInt64(index), stack: stack, at: UInt64(time))
    }
    fixture.builder.end(at: 20)
    #expect(sites(try fixture.report()) == ["lose<a": 3, "lose<bbb": 12])
  }

  @Test func mappingsLargeBlocksAndFoldedOnesHaveTheirMeaning() throws {
    let fixture = fixture()
    let stack = fixture.builder.stack([native, first])
    fixture.builder.codeNames(name(first, "a"), at: 1)
    fixture.builder.codeNames(name(first, "bbb"), at: 100)
    for time: UInt64 in [10, 110] {
      fixture.main.mmap(time << 20, 0x1000 * time, stack: stack, at: time)
      fixture.main.malloc(time << 30, 64 << 20, stack: stack, at: time + 1)
      fixture.main.malloc(time << 8, time, stack: stack, at: time + 2)
      fixture.main.free(time << 8, at: time + 3)
      fixture.main.seal(folding: true)
    }
    fixture.builder.end(at: 200)
    let report = try fixture.report { $0.order = .total }
    func functions(_ stack: ReportStack) -> [String] {
      report.frames.frames(of: stack).map { $0.function ?? "?" }
    }
    #expect(
      report.largeAllocations.map { functions($0.stack) } == [["lose", "a"], ["lose", "bbb"]])
    #expect(
      report.mappings.sites.map { functions($0.stack) } == [["lose", "bbb"], ["lose", "a"]])
    #expect(report.sites.map(\.totals.allocatedBytes) == [64 << 20 + 110, 64 << 20 + 10])
    #expect(report.sites.map { functions($0.stack) } == [["lose", "bbb"], ["lose", "a"]])
  }

  @Test func whatReadsTheSameIsMergedAndFilteredByTheNamesOfItsTime() throws {
    let fixture = fixture()
    // Two calls on one line, each through code that was two functions.
    for call in [native, 0x1220] {
      fixture.symbolicator.name(call, "lose", "addon.c", line: 3)
    }
    fixture.symbolicator.name(0x1330, "unload")
    let stacks = [native, 0x1220].map { fixture.builder.stack([$0, first, 0x1330], epoch: 1) }
    fixture.builder.codeNames(name(first, "a"), at: 1)
    fixture.builder.codeNames(name(first, "bbb"), at: 10)
    for (index, time): (UInt64, UInt64) in [(0, 5), (1, 15)] {
      for (place, stack) in stacks.enumerated() {
        let block = 2 * index + UInt64(place)
        fixture.main.malloc(0x100 * (block + 1), 1 << block, stack: stack, at: time)
      }
    }
    fixture.builder.end(at: 20)
    let merged = try fixture.report { $0.mergesEqualNames = true }
    #expect(sites(merged) == ["lose<a<unload": 3, "lose<bbb<unload": 12])
    #expect(merged.selection.outstandingSiteCount == 2)
    #expect(merged.selection.all.siteCount == 2)
    #expect(merged.selection.ownBytes == 15)
    let filtered = try fixture.report {
      $0.mergesEqualNames = true
      $0.filter = "^bbb$"
      $0.limit = 1
    }
    #expect(sites(filtered) == ["lose<bbb<unload": 12])
    #expect(filtered.selection.all.outstandingBytes == 15)
    #expect(filtered.selection.matching.outstandingBytes == 12)
    #expect(filtered.selection.matching.siteCount == 1)
    let grouped = try fixture.report {
      $0.groupKey = .js
      $0.limit = 1
    }
    #expect(grouped.grouping?.groupCount == 2)
    #expect(grouped.grouping?.groups.map(\.totals.outstandingBytes) == [12])
    #expect(grouped.sites.map(\.totals.outstandingBytes) == [8])
  }

  @Test func anImageAtTheAddressNeedsNoHistory() throws {
    let fixture = fixture()
    fixture.symbolicator.name(0x1220, "main")
    let stack = fixture.builder.stack([native, 0x1220])
    fixture.builder.codeNames("1200 100 JS:~a /a.js:1:1\n1200 100 JS:~b /b.js:1:1\n", at: 1)
    fixture.main.malloc(0x100, 1, stack: stack, at: 2)
    fixture.builder.end(at: 3)
    #expect(sites(try fixture.report()) == ["lose<main": 1])
  }

  @Test func aStackThatTheTraceDoesNotHoldIsNoOtherOnes() throws {
    let fixture = fixture()
    let stack = fixture.builder.stack([native, first])
    fixture.builder.codeNames(name(first, "a"), at: 1)
    fixture.builder.codeNames(name(first, "bbb"), at: 2)
    fixture.main.malloc(0x100, 1, stack: stack, at: 3)
    // The id that the first meaning gets is one behind the last of the trace.
    fixture.main.malloc(0x200, 2, stack: StackID(stack.rawValue + 1), at: 4)
    fixture.builder.end(at: 5)
    #expect(sites(try fixture.report()) == ["lose<bbb": 1, "": 2])
  }

  @Test func moreNamesThanCanBeToldApartAreSaid() throws {
    let fixture = fixture()
    fixture.builder.codeNamesChunk(byteCount: 64 << 10)
    for number in 0..<200 {
      fixture.builder.codeNames("0 ffffffffffff JS:~f\(number) /a.js:1:1\n", at: 1)
    }
    for place: UInt64 in 0..<400 {
      let stack = fixture.builder.stack([0x7000_0000 + place])
      fixture.main.malloc(0x100 + place * 16, 1, stack: stack, at: 2)
    }
    fixture.builder.end(at: 3)
    #expect(try fixture.report().warnings.contains(.lastCodeNamesOnly))
  }

  @Test func stacksThatNeverMeanTheSameTwiceStayWithinBounds() throws {
    // As a hostile trace may have it: hundreds of frames, each with a new name for every block.
    let fixture = fixture()
    let places: [UInt64] = (0..<300).map { 0x7000_0010 + $0 * 0x100 }
    let stack = fixture.builder.stack(places)
    fixture.builder.codeNamesChunk(byteCount: 256 << 10)
    for time: UInt64 in 1...300 {
      fixture.builder.codeNames("70000000 7000000 JS:~f\(time) /a.js:1:1\n", at: time * 10)
      fixture.main.malloc(time * 0x100, 1, stack: stack, at: time * 10 + 1)
    }
    fixture.builder.end(at: 20_000)
    let report = try fixture.report()
    #expect(report.heap.outstandingBytes == 300)
    #expect(report.sites.reduce(0) { $0 + $1.totals.outstandingBytes } == 300)
    #expect(report.warnings.contains(.lastCodeNamesOnly))
  }
}
