// SPDX-License-Identifier: Apache-2.0
//
// Formats of lines: collapsed stacks, callgrind's, dot's, each by the tool that opens it.

import Foundation
import MemtraceTestSupport
import Testing

@testable import MemtraceAnalyzer

@Suite struct TextFormatTests {
  private let fixture: ExportFixture
  private let folder: ScratchFolder

  init() throws {
    fixture = try ExportFixture()
    folder = try ScratchFolder()
  }

  // MARK: Collapsed stacks

  private func collapsed(_ metric: SiteOrder) throws -> [String: Int] {
    var stacks: [String: Int] = [:]
    for line in try fixture.exportText(.collapsed, metric).split(separator: "\n") {
      let space = try #require(line.lastIndex(of: " "))
      stacks[String(line[..<space]), default: 0] += try #require(
        Int(line[line.index(after: space)...]))
    }
    return stacks
  }

  @Test func collapsedStacksStandOutermostFirst() throws {
    let stacks = try collapsed(.outstanding)
    #expect(
      stacks.keys.contains(
        "main;loop();serve(int);handleRequest_[j];Upload;make_buffer;copy_bytes_[i]"))
    #expect(stacks.keys.contains("(outer frames not recorded);handleRequest_[j];Upload"))
    #expect(stacks.keys.contains("(no stack recorded)"))
    #expect(stacks.keys.contains("0x77777"))
    #expect(stacks.keys.contains("main;addon.node+0x60"))
  }

  @Test(arguments: [
    (SiteOrder.outstanding, "outstandingBytes"), (.count, "outstandingCount"),
    (.total, "totalBytes"), (.allocations, "totalCount"), (.temporary, "temporaryCount"),
    (.peak, "peakBytes"),
  ])
  func collapsedStacksSumUpToTheReport(metric: SiteOrder, member: String) throws {
    var options = AnalysisOptions()
    options.order = metric
    let expected = try fixture.report(options).sum(member)
    #expect(expected > 0)
    #expect(try collapsed(metric).values.reduce(0, +) == expected)
  }

  // MARK: Callgrind

  @Test func callgrindAnnotateReadsWhatTheReportSays() throws {
    let report = try fixture.report()
    let file = try folder.file("callgrind.out", fixture.exportText(.callgrind))
    let result = try Program.run("callgrind_annotate", ["--threshold=100", file])
    #expect(result.status == 0 && result.errors == "", "\(result.errors)")
    let line = try #require(
      result.output.split(separator: "\n").first { $0.hasSuffix("PROGRAM TOTALS") })
    let numbers = line.replacing(#/\([^)]*\)/#, with: "").split(separator: " ").compactMap {
      Int($0.filter(\.isNumber))
    }
    #expect(
      numbers == [
        report.outstandingBytes, report.outstandingCount, report.totalBytes, report.totalCount,
        report.temporaryCount,
      ])
    // Each function's own share adds up to all of it.
    let own = result.output.split(separator: "\n").dropFirst().filter { line in
      line.contains("%)") && !line.hasSuffix("PROGRAM TOTALS")
    }.compactMap { Int($0.split(separator: "(").first?.filter(\.isNumber) ?? "") }
    #expect(own.reduce(0, +) == report.outstandingBytes)
    #expect(result.output.contains("/srv/app/src/addon.cc:copy_bytes [/srv/app/build/addon.node]"))
  }

  @Test func callgrindAnnotateFollowsCallsAndRecursion() throws {
    let report = try fixture.report()
    let file = try folder.file("callgrind.out", fixture.exportText(.callgrind))
    let result = try Program.run(
      "callgrind_annotate", ["--threshold=100", "--tree=caller", "--inclusive=yes", file])
    #expect(result.status == 0)
    func inclusive(_ function: String) -> Int? {
      result.output.split(separator: "\n").first {
        $0.contains(" * ") && $0.contains(":\(function) ")
      }
      .flatMap { Int($0.split(separator: "(").first?.filter(\.isNumber) ?? "") }
    }
    func expected(_ function: String) -> Int {
      report.sites.filter { site in
        (site["stack"] as? [[String: Any]] ?? []).contains { $0["function"] as? String == function }
      }.reduce(0) { $0 + ($1["outstandingBytes"] as? Int ?? 0) }
    }
    for function in ["Upload", "serve(int)", "handleRequest"] {
      #expect(inclusive(function) == expected(function), "\(function)")
    }
  }

  // MARK: dot

  @Test func dotDrawsTheGraphAndItsSumsAreTheReports() throws {
    let report = try fixture.report()
    let file = try folder.file("graph.dot", fixture.exportText(.dot))
    let result = try Program.run("dot", ["-Tsvg", file])
    #expect(result.status == 0 && result.errors == "", "\(result.errors)")
    #expect(result.output.contains("(\(report.outstandingBytes))"))
    #expect(result.output.contains("handleRequest"))
    let picture = try XMLDocumentCheck(result.output)
    #expect(picture.isWellFormed)
    // Boxes' own amounts and the roots' amounts are both all of it.
    let graph = try Program.run("dot", ["-Tplain", file])
    #expect(graph.output.split(separator: "\n").contains { $0.hasPrefix("edge ") })
  }
}
