// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@testable import bench

@Suite struct OutputTests {
  private static let report = BenchReport(
    date: "2026-11-23T10:00:00Z",
    machine: Machine(
      processor: "p", coreCount: 2, isVirtual: false, memoryBytes: 1 << 30, kernel: "k",
      system: "s", cLibrary: "glibc", loadBefore: 0, loadAfter: nil),
    rounds: 1, isQuick: false,
    contestants: [
      .init(name: "native", remark: ""), .init(name: "tracer", remark: "tracer 1.0"),
    ],
    absent: [.init(name: "other", remark: "not installed")])

  @Test(arguments: [
    (0.0312, "0.031"), (0.999, "1.00"), (3.14159, "3.14"), (9.999, "10.0"), (31.41, "31.4"),
    (99.97, "100"), (1234.5, "1234"), (.infinity, "-"),
  ])
  func figuresHaveThreeDigits(_ value: Double, _ text: String) {
    #expect(Figure.number(value) == text)
  }

  @Test func columnsAreAsWideAsTheirContents() {
    var table = TextTable(headings: ["name", " ms", "note"])
    table.rows = [["a", "1.0", ""], ["longer", "12.5", "x"]]
    #expect(
      table.text == """
        name      ms  note
        ------  ----  ----
        a        1.0
        longer  12.5  x

        """)
  }

  @Test func figuresReplaceThoseThatStoodThere() throws {
    var workload = WorkloadResult(
      workload: "w", title: "work", unit: "ms", command: [], shortCommand: [])
    workload.native = [RunTime(wall: 12, processorMilliseconds: 1)]
    var report = Self.report
    report.workloads = [workload]
    report.bars = [Bar(name: "speed", limit: 25, isLeast: true, unit: "x", measured: 24)]
    let old = "before\n\(ReadmeSection.start)\nold figures\n\(ReadmeSection.end)\nafter\n"

    let new = try #require(ReadmeSection.text(old, with: report))
    #expect(new.hasPrefix("before\n\(ReadmeSection.start)\n"))
    #expect(new.hasSuffix("\(ReadmeSection.end)\nafter\n"))
    #expect(!new.contains("old figures"))
    #expect(new.contains("| speed | 24.0 | at least 25.0 | x | FAIL |  |\n"))
    #expect(new.contains("| work | 12.0 ms | - |\n"))
    #expect(ReadmeSection.text(new, with: report) == new)
    #expect(ReadmeSection.text("no place for figures", with: report) == nil)
  }

  @Test func aContestantThatFailedIsNamedWithTheReason() {
    var failed = ContestantResult(contestant: "tracer", isShort: false)
    failed.failure = "program was ended by signal 11"
    var workload = WorkloadResult(
      workload: "w", title: "work", unit: "ms", command: [], shortCommand: [])
    var lossy = ContestantResult(contestant: "memtrace", isShort: false)
    lossy.lostEventCount = 3
    workload.contestants = [failed, lossy]
    var report = Self.report
    report.workloads = [workload]
    #expect(report.text.contains("work under tracer failed: program was ended by signal 11\n"))
    #expect(report.text.contains("work under memtrace: 3 events could not be recorded\n"))
    #expect(report.text.contains("other skipped: not installed\n"))
    #expect(report.text.contains("tracer: tracer 1.0\n"))
  }

  @Test func theFileHoldsEveryMeasurement() throws {
    var result = ContestantResult(contestant: "tracer", isShort: true)
    result.pairings = [
      Pairing(
        round: 4, native: RunTime(wall: 1, processorMilliseconds: 2),
        contestant: RunTime(wall: 3, processorMilliseconds: 4, pairProcessorNanoseconds: 5))
    ]
    let json = try JSONEncoder().encode(result)
    let decoded = try JSONDecoder().decode(ContestantResult.self, from: json)
    #expect(decoded.pairings == result.pairings)
    #expect(decoded.isShort)
  }

  @Test func theEventsOfATraceAreReadFromItsReport() throws {
    let report = #"{"trace": {"lostEvents": 3, "pid": 1}, "summary": {"eventCount": 42}}"#
    let summary = try JSONDecoder().decode(TraceSummary.self, from: Data(report.utf8))
    #expect(summary.eventCount == 42)
    #expect(summary.lostEventCount == 3)
  }
}
