// SPDX-License-Identifier: Apache-2.0
//
// Programs that close or replace every descriptor they do not know: neither their files nor the
// trace may suffer.

import Foundation
import Testing

@Suite struct DescriptorTests {
  private static let fixture = Fixture(source: "descriptors.c")
  private let fileCount = 40

  /// Runs the fixture and demands that its files hold what it wrote and nothing else.
  private func runFixture(_ how: String) throws -> TracedRun {
    let plainFiles = try TemporaryDirectory()
    let plain = try run(Self.fixture.path(), [how, plainFiles.path], in: plainFiles.path)
    let files = try TemporaryDirectory()
    let traced = try runTraced(Self.fixture.path(), [how, files.path])
    #expect(traced.ending == .exited(0))
    #expect(traced.output == plain.output)
    for number in 0..<fileCount {
      let text = try String(contentsOfFile: files.file("file-\(number)"), encoding: .utf8)
      #expect(text == "file \(number) begins\nfile \(number) ends\n")
    }
    #expect(try files.names() == plainFiles.names())
    return traced
  }

  @Test(arguments: ["close", "close_range", "closefrom", "dup2", "dup3"])
  func closingEverythingStopsNeitherProgramNorTrace(_ how: String) throws {
    let run = try runFixture(how)
    #expect(run.errors == "")
    let report = try run.report()
    #expect(report.sums(at: "leak_before").outstandingBytes == 100 * 50)
    #expect(report.sums(at: "leak_after").outstandingBytes == 200 * 60)
    #expect(report.sums(at: "churn").totalCount == 12 * 30_000)
    #expect(report.sums(at: "churn").outstandingCount == 0)
    #expect(report.trace.complete)
    #expect(report.trace.lostEvents == 0)
    #expect(report.trace.unmatchedFrees == 0)
  }

  /// System calls made past the C library cannot be stepped around.
  ///
  /// Recording may then end, but not a byte of it may go into a file that has taken the number of
  /// the trace's descriptor.
  @Test(arguments: ["raw-close", "raw-close-range"])
  func aDescriptorThatIsGoneIsNeverWrittenTo(_ how: String) throws {
    let run = try runFixture(how)
    let report = try run.report()
    #expect(report.sums(at: "leak_before").outstandingBytes == 100 * 50)
    if report.trace.complete {
      #expect(report.sums(at: "leak_after").outstandingBytes == 200 * 60)
      #expect(report.sums(at: "churn").totalCount == 32 * 30_000)
      #expect(report.sums(at: "churn").outstandingCount == 0)
    } else {
      #expect(report.trace.lostEvents > 0)
      #expect(!report.warnings.isEmpty)
    }
  }

  @Test(arguments: ["raw-close", "raw-close-range"])
  func theFileThatTookEveryNumberHoldsItsOwnLineAlone(_ how: String) throws {
    let files = try TemporaryDirectory()
    let run = try runTraced(Self.fixture.path(), [how, files.path])
    #expect(run.ending == .exited(0))
    let text = try String(contentsOfFile: files.file("everywhere"), encoding: .utf8)
    #expect(text == "nothing but this\n")
  }

  /// Numbers 0 to 2 belong to the program even when it was started without them.
  @Test func standardDescriptorsThatAreClosedStayTheProgramsOwn() throws {
    let directory = try TemporaryDirectory()
    let script = """
      exec env LD_PRELOAD="$1" sh -c 'exec "$0"' "$2" <&- >&- 2>&-
      """
    let result = try run(
      "/bin/sh", ["-c", script, "sh", Project.library, Project.example("no-leak")],
      in: directory.path)
    #expect(result.ending == .exited(1))  // no-leak says that it could not write
    let traces = try directory.names().filter { $0.hasPrefix("trace") }
    let reports = try traces.map {
      try Report(onTrace: directory.file($0), of: Project.example("no-leak"))
    }
    let report = try #require(reports.first { $0.summary.allocationCount == 10_003 })
    #expect(report.summary.outstandingCount == 0)
    #expect(report.trace.complete)
  }
}
