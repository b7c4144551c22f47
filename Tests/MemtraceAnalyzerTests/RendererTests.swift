// SPDX-License-Identifier: Apache-2.0
//
// Reports as text and as JSON, against what was found right once; and what must hold for any.

import Foundation
import MemtraceTestSupport
import Symbolication
import Testing
import TraceFile

@testable import MemtraceAnalyzer

@Suite struct RendererTests {
  private func text(
    _ report: LeakReport, width: Int? = 80, color: Bool = false, exact: Bool = false,
    brief: Bool = false
  ) -> String {
    var options = TextOptions()
    options.width = width
    options.usesColor = color
    options.showsExactBytes = exact
    options.isBrief = brief
    return TextRenderer(options: options).string(report)
  }

  private func lines(_ text: String) -> [String] {
    text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
  }

  @Test func aNodeProgramAsText() throws {
    try Snapshot.expect(text(SampleReport.node20), matches: "node.txt")
  }

  @Test func aNodeProgramInColor() throws {
    try Snapshot.expect(text(SampleReport.node20, color: true), matches: "node-color.txt")
  }

  @Test func aNodeProgramInBrief() throws {
    try Snapshot.expect(text(SampleReport.node20, brief: true), matches: "node-brief.txt")
  }

  @Test func aNodeProgramInExactBytesWithoutAScreen() throws {
    try Snapshot.expect(
      text(SampleReport.node20, width: nil, exact: true), matches: "node-exact.txt")
  }

  @Test func aNodeProgramAsJSON() throws {
    try Snapshot.expect(JSONRenderer().string(SampleReport.node20), matches: "node.json")
  }

  @Test func theFirstScreenSaysWhetherHowMuchAndWhere() {
    let screen = lines(text(SampleReport.node20)).prefix(24).joined(separator: "\n")
    #expect(screen.contains("12.4 MiB in 1,204 blocks were never freed"))
    #expect(screen.contains("10.0 MiB"))
    #expect(screen.contains("make_buffer"))
    #expect(screen.contains("handleRequest"))
    #expect(screen.contains("1.5 MiB"))
  }

  @Test(arguments: [40, 60, 80, 100, 132])
  func noLineIsWiderThanTheScreen(width: Int) {
    var report = SampleReport.node20
    report.trace.command.append(String(repeating: "x", count: 300))
    report.warnings = [
      .killed, .forkedChild(parentTrace: "/tmp/trace.bin"), .paused(spanCount: 2, nanoseconds: 9),
    ]
    for line in lines(text(report, width: width)) where !line.contains("memtrace ") {
      #expect(PrintableText.width(line) <= width, "\(line)")
    }
  }

  @Test func nothingInANameReachesTheTerminalRaw() {
    for width in [nil, 80] {
      let text = text(SampleReport.node20, width: width)
      #expect(
        text.unicodeScalars.allSatisfy { $0 == "\n" || $0.value >= 0x20 && $0.value != 0x7f })
      #expect(text.contains("\\x1b]0;evil\\x07name\\x0aline"))
    }
  }

  @Test func withoutColorThereIsNoEscapeSequence() {
    #expect(!text(SampleReport.node20).contains("\u{1b}"))
    #expect(text(SampleReport.node20, color: true).contains("\u{1b}["))
  }

  @Test func theTextIsTheSameWithColorAndWithout() {
    var plain = text(SampleReport.node20, color: true)
    while let start = plain.range(of: "\u{1b}["),
      let end = plain[start.upperBound...].firstIndex(of: "m")
    {
      plain.removeSubrange(start.lowerBound...end)
    }
    #expect(plain == text(SampleReport.node20))
  }

  @Test(arguments: [
    (TraceSummary.State.running, "are outstanding now", "still running"),
    (.killed, "were outstanding when the process was killed", "killed or crashed"),
    (.stopped(errno: 28), "were outstanding when recording stopped", "recording stopped early"),
    (.exited, "were never freed before the program exited", "exited"),
    (.executed, "were outstanding when the process replaced itself", "replaced by exec"),
  ])
  func howTheRecordingEndedIsSaidFirst(
    state: TraceSummary.State, predicate: String, word: String
  ) {
    var report = SampleReport.node20
    report.trace.state = state
    let lines = lines(text(report))
    #expect(lines[0].hasSuffix(word))
    #expect(lines.prefix(5).joined(separator: " ").contains(predicate))
  }

  @Test func aProgramThatFreedEverythingIsSaidToBeClean() {
    var report = SampleReport.node20
    report.heap.outstandingCount = 0
    report.heap.outstandingBytes = 0
    report.sites = []
    let text = text(report)
    #expect(text.contains("Nothing is outstanding"))
    #expect(!text.contains("Not all"))
  }

  @Test func aTraceWithoutAllocationsSaysSo() {
    var report = SampleReport.node20
    report.heap = HeapSummary()
    report.sites = []
    report.warnings = [.noAllocations]
    let text = text(report)
    #expect(text.contains("No allocation was recorded"))
    #expect(text.contains("memtrace doctor -- node server.js --port 8080"))
  }

  @Test func anIntervalIsNamed() {
    var report = SampleReport.node20
    report.isPartOfTrace = true
    report.interval = 500_000_000...2_000_000_000
    let first = lines(text(report)).prefix(5).joined(separator: " ")
    #expect(
      first.contains("allocated between 0.500 s and 2.000 s and are still outstanding at 2.000 s"))
  }

  @Test(arguments: SiteOrder.allCases)
  func everyOrderHasItsOwnNumbers(order: SiteOrder) {
    var report = SampleReport.node20
    report.selection.order = order
    let text = text(report)
    #expect(text.contains(" 1. "))
    #expect(text.contains("209 more stacks"))
  }

  @Test func jsonIsValidAndExact() throws {
    var report = SampleReport.node20
    report.heap.allocatedBytes = 9_007_199_254_740_993  // not a Double
    let text = JSONRenderer().string(report)
    #expect(text.contains("\"allocatedBytes\": 9007199254740993,"))
    let json = try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any]
    #expect(json?["schema"] as? String == "memtrace-report/1")
    let trace = json?["trace"] as? [String: Any]
    #expect(trace?["complete"] as? Bool == true)
    #expect(trace?["startTime"] as? String == "2023-11-14T22:13:20.123Z")
    let sites = json?["sites"] as? [[String: Any]]
    #expect(sites?.count == 4)
    let stack = sites?.first?["stack"] as? [[String: Any]]
    #expect(stack?.count == 10)
    #expect(stack?.first?["function"] as? String == "copy_bytes")
    #expect(stack?.first?["inlined"] as? Bool == true)
    #expect(stack?[1]["inlined"] as? Bool == false)
    #expect(stack?[5]["kind"] as? String == "javascript")
    #expect(stack?[5]["line"] as? Int == 17)
    let evil = (sites?[3]["stack"] as? [[String: Any]])?.first
    #expect(evil?["function"] as? String == "\u{1b}]0;evil\u{07}name\nline")
    let large = json?["largeAllocations"] as? [[String: Any]]
    #expect(large?.map { $0["kind"] as? String } == ["burst", "single", "single"])
  }

  @Test func aHundredThousandSitesAreWrittenInPieces() throws {
    var report = SampleReport.node20
    report.sites = Array(repeating: report.sites[0], count: 100_000)
    var largest = 0
    var byteCount = 0
    let output = ReportOutput {
      largest = max(largest, $0.count)
      byteCount += $0.count
    }
    JSONRenderer().render(report, to: output)
    try output.finish()
    #expect(largest < 200_000)
    #expect(byteCount > 100_000_000)
  }
}
