// SPDX-License-Identifier: Apache-2.0
//
// memtrace.h: marks, pauses and resumptions by the program itself, with the library and without.

import Foundation
import Testing

@Suite struct InterfaceTests {
  private static let fixture = Fixture(source: "api.c")

  @Test func withoutTheLibraryNothingHappens() throws {
    let result = try run(Self.fixture.path(), in: "/")
    #expect(result.ending == .exited(0))
    #expect(result.output == "recording 0\nrecording 0\nrecording 0\n")
  }

  @Test func aPauseLeavesOutWhatBeginsInItAndNothingElse() throws {
    let run = try runTraced(Self.fixture.path())
    #expect(run.ending == .exited(0))
    #expect(run.errors == "")
    #expect(run.output == "recording 1\nrecording 0\nrecording 1\n")
    let report = try run.report()
    #expect(report.sums(under: "first_phase").outstandingCount == 10)
    #expect(report.sums(under: "second_phase").outstandingCount == 20)
    #expect(report.sums(under: "unseen") == Sums())
    #expect(report.sums(under: "third_phase").outstandingCount == 5)
    #expect(report.sums(at: "main").totalBytes == 1000)
    #expect(report.sums(at: "main").outstandingCount == 0)
    #expect(report.trace.unmatchedFrees == 0)
    #expect(report.summary.outstandingBytes == 35 * 32)
  }

  @Test func aMarkIsAPlaceToReportFrom() throws {
    let run = try runTraced(Self.fixture.path())
    let after = try run.report("trace.bin", ["--sort", "total", "--from", "loaded"])
    #expect(after.sums(under: "first_phase").outstandingCount == 0)
    #expect(after.sums(under: "second_phase").outstandingCount == 20)
    let before = try run.report("trace.bin", ["--sort", "total", "--to", "loaded"])
    #expect(before.sums(under: "first_phase").outstandingCount == 10)
    #expect(before.sums(under: "second_phase").outstandingCount == 0)
    #expect(before.sums(at: "main").outstandingBytes == 1000)
    let between = try run.report(
      "trace.bin", ["--sort", "total", "--from", "loaded", "--to", "half way"])
    #expect(between.summary.outstandingCount == 20)
  }

  @Test func whatLivesAcrossAMarkIsOutstandingAtItHoweverSoonItEnds() throws {
    let run = try runTraced(Fixture(source: "batches.c").path(), ["5", "100", "10"])
    #expect(run.ending == .exited(0))
    let atMark = try run.report("trace.bin", ["--sort", "total", "--to", "batch5"])
    #expect(atMark.sums(at: "keep_until_exit").outstandingCount == 510)
    #expect(atMark.sums(at: "swell").outstandingBytes == 510 * 16)
    #expect(try run.report().sums(at: "keep_until_exit").outstandingCount == 0)
  }

  @Test func marksOfAllThreadsAndNamesAreThere() throws {
    let run = try runTraced(Self.fixture.path(), ["marks"])
    #expect(run.ending == .exited(0))
    #expect(run.errors == "")
    let names = try run.report().contents.marks.map(\.name)
    let counted = Set(names.filter { $0.hasPrefix("thread ") })
    #expect(counted.count == 1000)
    #expect(names.contains(String(repeating: "x", count: 1024)))
    #expect(names.contains(""))
    #expect(names.contains { $0.hasPrefix("not ") })
    #expect(1003...1004 ~= names.count)
  }

  @Test func aMarkCanBeMadeFromOutside() throws {
    let directory = try TemporaryDirectory()
    let program = try Fixture(source: "progress.c", optimization: ["-O2"]).path()
    // A mark from outside does not reach into the windows: of blocks folded away in one, none but the
    // window's own end is known.
    let environment = ["MEMTRACE_FOLD": "0"]
    try Progress.run(program, 1, 1, 1000, in: directory, environment: environment) { running in
      let before = try Progress(readingFrom: directory.file("progress"))
      let mark = try runCommand(["mark", "\(running.pid)", "from outside"])
      #expect(mark.ending == .exited(0))
      #expect(mark.errors == "")
      let after = try Progress(readingFrom: directory.file("progress"))
      running.signal(SIGKILL)
      _ = try running.wait()
      let report = try Report(
        onTrace: directory.file("trace.bin"), of: program,
        ["--sort", "total", "--to", "from outside"])
      let small = report.sums(at: "take_small").totalCount
      let low = before.allocations["take_small"]?.count ?? 0
      let high = after.allocations["take_small"]?.count ?? 0
      #expect(low...high + 1 ~= small)
    }
  }
}
