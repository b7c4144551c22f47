// SPDX-License-Identifier: Apache-2.0
//
// Diffs of traces made in memory.

import MemtraceTestSupport
import Symbolication
import Testing
import TraceFile

@testable import MemtraceAnalyzer

/// A trace in a file that lives as long as this does.
struct TemporaryTraceBox {
  private let file: TemporaryTrace
  let trace: TraceFile

  init(_ fixture: AnalysisFixture) throws {
    file = try TemporaryTrace(fixture.builder)
    trace = try file.open()
  }
}

@Suite struct TraceDiffTests {
  /// `blocks` of 100 bytes through `leak`, at some address and on some line.
  private func fixture(base: UInt64, line: Int, blocks: UInt64) -> AnalysisFixture {
    let fixture = AnalysisFixture()
    fixture.builder.image("/app/program", start: base, end: base + 0x1000)
    let stack = fixture.builder.stack([base + 0x10, base + 0x20])
    let fine = fixture.builder.stack([base + 0x30, base + 0x20])
    fixture.symbolicator.name(
      base + 0x10, "leak", "/src/\(line)/leak.c", line: line, image: "/build/\(line)/app")
    fixture.symbolicator.name(base + 0x20, "main", "/src/main.c", line: line + 9)
    fixture.symbolicator.name(base + 0x30, "fine", "/src/fine.c", line: 3)
    for block in 0..<blocks {
      fixture.main.malloc(0x1000 + block * 0x100, 100, stack: stack, at: 10 + block)
    }
    fixture.main.malloc(0x9_0000, 7, stack: fine, at: 1000)
    fixture.builder.end(at: 2000)
    return fixture
  }

  @Test func stacksOfTwoTracesAreMatchedByNamesWhateverTheirAddressesAndLines() throws {
    let before = fixture(base: 0x10000, line: 5, blocks: 3)
    let after = fixture(base: 0x7f_0000_0000, line: 40, blocks: 8)
    let first = try TemporaryTraceBox(before)
    let second = try TemporaryTraceBox(after)
    let diff = try Analyzer.diff(
      of: first.trace, and: second.trace, options: DiffOptions(),
      using: &before.symbolicator, &after.symbolicator)
    #expect(diff.sites.count == 1)
    #expect(diff.unchangedSiteCount == 1)
    let site = try #require(diff.sites.first)
    #expect(site.before == SiteAmount(byteCount: 300, count: 3))
    #expect(site.after == SiteAmount(byteCount: 800, count: 8))
    // As it is on the later side.
    #expect(Array(diff.frames.frames(of: site.stack)).first?.line == 40)
  }

  @Test func ofSeveralLinesTheOneWithTheMostBytesIsShown() throws {
    let fixture = fixture(base: 0x10000, line: 5, blocks: 3)
    for (offset, line, size) in [(0x40, 7, 1000), (0x50, 6, 10)] as [(UInt64, Int, UInt64)] {
      let stack = fixture.builder.stack([0x10000 + offset, 0x10020])
      fixture.symbolicator.name(
        0x10000 + offset, "leak", "/src/5/leak.c", line: line, image: "/build/5/app")
      fixture.main.malloc(0x8_0000 + offset * 0x100, size, stack: stack, at: 1500 + offset)
    }
    let box = try TemporaryTraceBox(fixture)
    let diff = try Analyzer.diff(
      of: box.trace, options: DiffOptions(), using: &fixture.symbolicator)
    let site = try #require(diff.sites.first)
    #expect(site.after == SiteAmount(byteCount: 1310, count: 5))
    #expect(Array(diff.frames.frames(of: site.stack)).first?.line == 7)
  }

  @Test func twoInstantsOfOneTraceDifferByWhatHappenedBetween() throws {
    let fixture = fixture(base: 0x10000, line: 5, blocks: 20)
    fixture.builder.mark("a", at: 14)
    fixture.builder.mark("b", at: 19)
    let box = try TemporaryTraceBox(fixture)
    var options = DiffOptions()
    options.from = .mark("a")
    options.to = .mark("b")
    let diff = try Analyzer.diff(of: box.trace, options: options, using: &fixture.symbolicator)
    #expect(diff.sites.map(\.growthBytes) == [500])
    #expect(diff.before.outstanding.count == 5)
    #expect(diff.after.outstanding.count == 10)
    options.from = .mark("b")
    options.to = .mark("a")
    #expect(throws: AnalysisError.self) {
      try Analyzer.diff(of: box.trace, options: options, using: &fixture.symbolicator)
    }
  }

  @Test func threeSnapshotsCountWhatBeganInASpanAndLivesLater() throws {
    let fixture = AnalysisFixture()
    let stack = fixture.builder.stack([0x1110])
    fixture.main.malloc(0x100, 1, stack: stack, at: 5)
    fixture.main.malloc(0x200, 2, stack: stack, at: 15)
    fixture.main.malloc(0x300, 4, stack: stack, at: 16)
    fixture.main.malloc(0x400, 8, stack: stack, at: 25)
    fixture.main.free(0x300, at: 30)
    fixture.main.free(0x200, at: 50)
    fixture.builder.end(at: 60)
    func outstanding(_ from: UInt64?, _ to: UInt64?, _ aliveAt: UInt64) throws -> UInt64 {
      try fixture.report {
        $0.from = from.map { .nanoseconds($0) }
        $0.to = to.map { .nanoseconds($0) }
        $0.aliveAt = .nanoseconds(aliveAt)
      }.heap.outstandingBytes
    }
    #expect(try outstanding(10, 20, 28) == 6)
    #expect(try outstanding(10, 20, 40) == 2)
    #expect(try outstanding(10, 20, 55) == 0)
    #expect(try outstanding(nil, 20, 55) == 1)
    #expect(throws: AnalysisError.aliveBeforeEnd(toNanoseconds: 20, aliveAtNanoseconds: 12)) {
      try outstanding(10, 20, 12)
    }
  }
}
