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
    brief: Bool = false, _ change: (inout TextOptions) -> Void = { _ in }
  ) -> String {
    var options = TextOptions()
    options.width = width
    options.usesColor = color
    options.showsExactBytes = exact
    options.isBrief = brief
    change(&options)
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

  @Test func aListThatIsShortBecauseItWasAskedToBeDoesNotSayHowFewHoldMost() {
    var report = SampleReport.node20
    report.sites.removeFirst()
    #expect(!text(report).contains("spread over"))
    report.sites = Array(repeating: report.sites[2], count: 10)
    #expect(text(report).contains("It is spread over 213 stacks."))
  }

  /// The sample after what was asked for was picked out of it.
  private func selected(_ change: (inout AnalysisOptions) -> Void) throws -> LeakReport {
    var options = AnalysisOptions()
    change(&options)
    var report = SampleReport.node20
    if options.hasFilter { report.keep(matching: try SiteFilter(options)) }
    report.layOut(report.sites, options)
    return report
  }

  /// Every way to ask for less, or for something else than stacks.
  private var selections: [LeakReport] {
    get throws {
      [SampleReport.node20]
        + (try SiteGroupKey.allCases.map { key in try selected { $0.groupKey = key } })
        + (try CallTree.Direction.allCases.map { way in try selected { $0.treeDirection = way } })
        + [
          try selected { $0.filter = "strdup" }, try selected { $0.filter = "nothing" },
          try selected { $0.onlyImages = ["*.node", "x"] },
        ]
    }
  }

  @Test func aNodeProgramByFunction() throws {
    let report = try selected { $0.groupKey = .function }
    try Snapshot.expect(text(report), matches: "node-by-function.txt")
  }

  @Test func aNodeProgramByJavaScriptFunction() throws {
    let report = try selected { $0.groupKey = .js }
    try Snapshot.expect(text(report, brief: true), matches: "node-by-js.txt")
  }

  @Test func aNodeProgramByImage() throws {
    let report = try selected { $0.groupKey = .image }
    try Snapshot.expect(text(report, brief: true), matches: "node-by-image.txt")
  }

  @Test func aNodeProgramFromMainInwards() throws {
    let report = try selected { $0.treeDirection = .topDown }
    try Snapshot.expect(text(report, brief: true), matches: "node-top-down.txt")
  }

  @Test func aNodeProgramFromTheAllocationOutwards() throws {
    let report = try selected { $0.treeDirection = .bottomUp }
    try Snapshot.expect(text(report, brief: true), matches: "node-bottom-up.txt")
    try Snapshot.expect(
      text(report, brief: true) { $0.foldsPlumbing = false }, matches: "node-bottom-up-whole.txt")
  }

  @Test func aNodeProgramWithEveryFrame() throws {
    try Snapshot.expect(
      text(SampleReport.node20, brief: true) { $0.foldsPlumbing = false },
      matches: "node-no-fold.txt")
    try Snapshot.expect(
      text(SampleReport.node20, brief: true) { $0.frameLimit = 2 }, matches: "node-two-frames.txt")
  }

  @Test func whatAFilterLeavesOutIsSaid() throws {
    let report = try selected { $0.filter = "strdup|copy_bytes" }
    let text = text(report)
    #expect(text.contains("--filter 'strdup|copy_bytes': 2 of 213 stacks, 92.7 % of the bytes"))
    #expect(text.contains("Outstanding, by stack  2 stacks"))
    let nothing = try selected { $0.onlyImages = ["*.so.9"] }
    #expect(self.text(nothing).contains("No stack passes --only-image '*.so.9'."))
    let blocks = try selected {
      $0.onlyImages = ["libc.so.*"]
      $0.groupKey = .image
    }
    #expect(self.text(blocks).contains("'libc.so.*': 3 of 213 stacks, 96.8 % of the bytes"))
  }

  @Test func aScreenWithoutUTF8GetsASCII() throws {
    for report in try selections {
      for brief in [true, false] {
        let text = text(report, brief: brief) { $0.isASCII = true }
        #expect(text.utf8.allSatisfy { $0 < 0x80 && ($0 >= 0x20 || $0 == 0x0a) })
      }
    }
    let tree = try selected { $0.treeDirection = .topDown }
    #expect(text(tree) { $0.isASCII = true }.contains("`- "))
    var accents = SampleReport.node20
    accents.trace.command = ["größe"]
    #expect(text(accents) { $0.isASCII = true }.hasPrefix("gr\\u{f6}\\u{df}e  pid"))
  }

  @Test func namesOfTenThousandLettersAreCutInTextAndWholeInJSON() throws {
    let name = "app::f<" + String(repeating: "std::pair<int, x>, ", count: 600) + "int>::g(int)"
    var report = SampleReport.node20
    let path = "/srv/" + String(repeating: "deep/", count: 700) + "x.cpp"
    report.frames = FrameTable(
      Array(
        repeating: [Frame(function: name, file: path, line: 7, image: path, address: 1)], count: 13)
    )
    for width in [nil, 20, 80] {
      for line in lines(text(report, width: width)) { #expect(PrintableText.width(line) < 350) }
    }
    #expect(text(report).contains("app::f<…>::g(…)"))
    #expect(JSONRenderer().string(report).contains("\"\(name)\""))
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

  @Test(arguments: [20, 21, 30, 40, 60, 80, 100, 132], [true, false])
  func noLineIsWiderThanTheScreen(width: Int, isASCII: Bool) throws {
    for var report in try selections {
      report.trace.command.append(String(repeating: "x", count: 300))
      report.warnings = [
        .killed, .forkedChild(parentTrace: "/tmp/trace.bin"),
        .paused(spanCount: 2, nanoseconds: 9),
      ]
      let text = text(report, width: width) { $0.isASCII = isASCII }
      // A command that is cut is of no use: the screen breaks it.
      for line in lines(text) where !line.hasPrefix("      memtrace ") {
        #expect(PrintableText.width(line) <= width, "\(line)")
      }
    }
  }

  @Test func nothingInANameReachesTheTerminalRaw() throws {
    for report in try selections {
      for (width, folds) in [(nil, true), (80, true), (nil, false)] as [(Int?, Bool)] {
        let text = text(report, width: width) {
          $0.foldsPlumbing = folds
          $0.branchLimit = nil
        }
        #expect(
          text.unicodeScalars.allSatisfy { $0 == "\n" || $0.value >= 0x20 && $0.value != 0x7f })
      }
    }
    #expect(text(SampleReport.node20).contains("\\x1b]0;evil\\x07name\\x0aline"))
    let evil = try selected { $0.filter = "^(?!\u{1b}x)copy" }
    #expect(text(evil).contains("--filter '^(?!\\x1bx)copy'"))
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
