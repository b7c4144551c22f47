// SPDX-License-Identifier: Apache-2.0
//
// What shows memory over time: massif's format, as ms_print reads it, and tables of instants.

import Foundation
import MemtraceTestSupport
import Testing

@testable import MemtraceAnalyzer

@Suite struct OverTimeTests {
  private let fixture: ExportFixture
  private let folder: ScratchFolder

  init() throws {
    fixture = try ExportFixture()
    folder = try ScratchFolder()
  }

  /// A row of the table that ms_print makes.
  private struct Snapshot: Equatable {
    var milliseconds: Int
    var byteCount: Int
  }

  private func msPrint(_ options: AnalysisOptions = AnalysisOptions()) throws -> (
    text: String, snapshots: [Snapshot]
  ) {
    let file = try folder.file("massif.out", fixture.export(.massif, options: options))
    let result = try Program.run("ms_print", ["--threshold=0", file])
    #expect(result.status == 0 && result.errors == "", "\(result.errors)")
    let snapshots = result.output.split(separator: "\n").compactMap { line -> Snapshot? in
      let numbers = line.split(separator: " ").map { Int($0.filter { $0 != "," }) }
      guard numbers.count == 6, let time = numbers[1], let byteCount = numbers[2],
        numbers[3] == byteCount, numbers[4] == 0, numbers[5] == 0
      else { return nil }
      return Snapshot(milliseconds: time, byteCount: byteCount)
    }
    return (result.output, snapshots)
  }

  @Test func msPrintDrawsTheCurveAndItsEndIsTheReports() throws {
    let (text, snapshots) = try msPrint()
    #expect(snapshots.count == 100)
    #expect(snapshots.last?.byteCount == (try fixture.report().outstandingBytes))
    #expect(snapshots.map(\.milliseconds) == snapshots.map(\.milliseconds).sorted())
    #expect(snapshots.first?.byteCount == 0)
    // It says which snapshot is the highest, and that is the one.
    let peak = try #require(text.firstMatch(of: #/(\d+) \(peak\)/#)?.1)
    #expect(snapshots[try #require(Int(peak))].byteCount == snapshots.map(\.byteCount).max())
    #expect(text.contains("copy_bytes (addon.cc"))
    #expect(text.contains("0x0: (no stack recorded)"))
  }

  @Test(arguments: [20, 50, 80])
  func eachSnapshotIsWhatAReportUntilThenSays(number: Int) throws {
    let snapshots = try msPrint().snapshots
    let length = fixture.trace.clock.nanoseconds(at: fixture.trace.endTicks)
    var options = AnalysisOptions()
    options.to = .nanoseconds(length * UInt64(number) / 99)
    #expect(snapshots[number].byteCount == (try fixture.report(options).outstandingBytes))
  }

  // With forty more functions the usual ones hold too little to be listed one by one.
  @Test(arguments: [0, 40])
  func theDetailsOfTheLastSnapshotAddUp(moreFunctions: Int) throws {
    let fixture = try ExportFixture(hostileNames: (0..<moreFunctions).map { "function_\($0)" })
    let text = try fixture.exportText(.massif)
    // The last snapshot may be the highest one, too.
    let tree = try #require(text.split(separator: #/heap_tree=(detailed|peak)\n/#).last)
    var sums: [Int: Int] = [:]
    for line in tree.split(separator: "\n") where line.contains(#/^ *n\d+: /#) {
      let depth = line.prefix { $0 == " " }.count
      let bytes = line.drop { $0 == " " }.split(separator: " ")[1]
      sums[depth, default: 0] += try #require(Int(bytes))
    }
    let report = try fixture.report()
    #expect(sums[0] == report.outstandingBytes)
    #expect(sums[1] == report.outstandingBytes)
    #expect(tree.contains(" places, all below massif's threshold") == (moreFunctions > 0))
  }

  @Test func aFilterAppliesToEverySnapshot() throws {
    var options = AnalysisOptions()
    options.onlyImages = ["*.node"]
    let report = try fixture.report(options)
    let (text, snapshots) = try msPrint(options)
    #expect(snapshots.last?.byteCount == report.sum("outstandingBytes"))
    #expect(report.sum("outstandingBytes") < report.outstandingBytes)
    #expect(!text.contains("push_back"))
  }

  @Test func aTableOfInstantsEndsWithTheReport() throws {
    let file = try folder.file("series.csv", fixture.export(.csv, table: .series))
    let result = try Program.run(
      "sqlite3", ["-batch", "-bail", ":memory:"],
      input: """
        .import --csv \(file) series
        SELECT count(*), sum(allocatedBytes), sum(allocationCount), sum(freeCount) FROM series;
        SELECT outstandingBytes, outstandingCount, rssBytes FROM series ORDER BY timeNs + 0 DESC LIMIT 1;
        SELECT max(peakBytes + 0) FROM series;
        """)
    #expect(result.status == 0 && result.errors == "", "\(result.errors)")
    let report = try fixture.report()
    #expect(
      result.output.split(separator: "\n") == [
        "200|\(report.totalBytes)|\(report.totalCount)|\(report.totalCount - report.outstandingCount)",
        "\(report.outstandingBytes)|\(report.outstandingCount)|\(1 << 20 + 800 * 4096)",
        "\(report.peakBytes)",
      ])
  }

  @Test func aTableOfSamplesHasWhatWasSampled() throws {
    let file = try folder.file("samples.csv", fixture.export(.csv, table: .samples))
    let result = try Program.run(
      "sqlite3", ["-batch", "-bail", ":memory:"],
      input: """
        .import --csv \(file) samples
        SELECT count(*), max(rssBytes + 0), max(pssBytes) FROM samples;
        """)
    #expect(result.output == "8|\(1 << 20 + 800 * 4096)|\n")
  }

  @Test func fromATimeOnOnlyWhatBeganThenIsThere() throws {
    var options = AnalysisOptions()
    options.from = .mark("half, \"way\"")
    let (_, snapshots) = try msPrint(options)
    #expect(snapshots.first?.byteCount == 0)
    #expect(snapshots.last?.byteCount == (try fixture.report(options).outstandingBytes))
  }
}
