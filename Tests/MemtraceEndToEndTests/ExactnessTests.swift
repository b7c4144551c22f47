// SPDX-License-Identifier: Apache-2.0
//
// Programs in which a recorder easily loses count: odd sizes, mappings that cut each other up,
// signal handlers, threads that are cancelled.

import Foundation
import Testing

@Suite struct ExactnessTests {
  /// Runs a fixture to a good end and reports on it.
  private func traced(_ source: String, _ arguments: [String] = []) throws -> (TracedRun, Report) {
    let run = try runTraced(Fixture(source: source).path(), arguments)
    #expect(run.ending == .exited(0))
    #expect(run.errors == "")
    let report = try run.report()
    #expect(report.trace.complete)
    #expect(report.trace.lostEvents == 0)
    #expect(report.trace.unmatchedFrees == 0)
    return (run, report)
  }

  @Test func blocksOfEverySizeAreCountedWithTheirSize() throws {
    let (run, report) = try traced("sizes.c")
    let sizes = run.output.split(separator: "\n").compactMap { Int($0) }
    #expect(sizes.count > 20)
    let taken = report.sums(at: "take", "main")
    #expect(taken.outstandingCount == sizes.count)
    #expect(taken.outstandingBytes == sizes.reduce(0, +))
    let singles = report.contents.largeAllocations.filter { $0.kind == "single" }
    #expect(singles.map(\.bytes).sorted() == sizes.filter { $0 >= 16 << 20 }.sorted())
  }

  /// Equal blocks in a row are written as runs, and are counted to the last one all the same.
  @Test func aListOfEqualBlocksIsExactAndSmall() throws {
    let nodeCount = 400_000
    let fixture = Fixture(
      source: "../../../Benchmarks/workloads/list.cpp", optimization: ["-std=c++20", "-O2"],
      product: "list")
    let run = try runTraced(fixture.path(), ["2", "\(nodeCount)"])
    #expect(run.ending == .exited(0))
    let report = try run.report()
    #expect(report.trace.complete)
    #expect(report.trace.unmatchedFrees == 0)
    let nodes = report.sites.filter { $0.totalCount == 2 * nodeCount }
    #expect(nodes.map(\.totalBytes) == [2 * nodeCount * 24])
    #expect(nodes.map(\.outstandingCount) == [0])
    let attributes = try FileManager.default.attributesOfItem(
      atPath: run.directory.file("trace.bin"))
    let byteCount = try #require(attributes[.size] as? Int)
    // As single events they would take five bytes each.
    #expect(byteCount < 4 * nodeCount * 4)
  }

  /// Every page belongs to the function that mapped it last.
  @Test(arguments: [1, 2, 3])
  func mappingsThatCutEachOtherUpAreKnownToThePage(_ seed: Int) throws {
    let (run, report) = try traced("mappings.c", ["5000", "\(seed)"])
    let booked = run.output.split(separator: "\n").map { $0.split(separator: " ") }
    #expect(booked.count == 4)
    for line in booked {
      let function = String(line[0])
      let functions = function == "remap" ? ["remap_pages", "shrink_pages"] : [function]
      let reported = functions.map(report.mappedBytes).reduce(0, +)
      #expect(reported == Int(line[1]), "\(function)")
    }
    #expect(report.summary.outstandingBytes == 0)
  }

  @Test func handlersThatInterruptMallocDoNoHarm() throws {
    let (run, report) = try traced("asyncsafe.c")
    #expect(run.output == "0 failures, all children 1\n")
    let leaked = report.sums(under: "leak_some")
    #expect(leaked.outstandingCount == 1000)
    #expect(leaked.outstandingBytes == 44_000)
    #expect(report.sums(at: "churn").outstandingCount == 0)
  }

  @Test func allocationIsNoCancellationPoint() throws {
    let (run, report) = try traced("cancel.c")
    let expected = (0..<3).map { "thread \($0) returned\n" }.joined() + "the last was cancelled\n"
    #expect(run.output == expected)
    let kept = report.sums(under: "keep_on")
    #expect(kept.outstandingCount == 30)
    #expect(kept.outstandingBytes == 4500)
    #expect(report.sums(under: "churn").outstandingCount == 0)
    #expect(report.sums(at: "patient").totalCount == 1)
    #expect(report.sums(at: "patient").outstandingCount == 0)
  }
}
