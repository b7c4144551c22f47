// SPDX-License-Identifier: Apache-2.0
//
// Where no trace can be written, or no more of it: one line on stderr, and the program runs on to
// its own end.

import Foundation
import Testing

@Suite struct HardPlaceTests {
  private static let fixture = Fixture(source: "hard.c")

  /// Demands that the program got to its end, with at most one line of ours.
  private func expectItRanOn(_ result: ProgramResult, lines: ClosedRange<Int> = 1...1) {
    #expect(result.ending == .exited(11))
    #expect(result.output == "begun\nat the end\n")
    let said = result.errors.split(separator: "\n")
    #expect(lines ~= said.count, "\(result.errors)")
    #expect(said.allSatisfy { $0.hasPrefix("memtrace: ") }, "\(result.errors)")
  }

  /// Runs the fixture with limits that the shell sets before it becomes the program.
  private func runLimited(_ limit: String, in directory: TemporaryDirectory) throws -> ProgramResult
  {
    try run(
      "/bin/sh",
      [
        "-c", "\(limit) && exec env LD_PRELOAD=\"$0\" \"$1\"", Project.library,
        try Self.fixture.path(),
      ], in: directory.path)
  }

  @Test(arguments: [
    "/nonexistent/trace.bin", "/proc/trace.bin", "/", "/dev/full/trace.bin", "/tmp", "/dev/null",
  ])
  func anOutputThatCannotBeWrittenIsSaidOnce(_ output: String) throws {
    let run = try runTraced(Self.fixture.path(), environment: ["MEMTRACE_OUTPUT": output])
    expectItRanOn(run.result)
    #expect(run.errors.contains(output))
    #expect(try run.directory.names() == [])
  }

  @Test(arguments: [300, 5000])
  func anOutputWithTooLongANameIsSaidOnce(_ length: Int) throws {
    let output = String(repeating: "x", count: length)
    let run = try runTraced(Self.fixture.path(), environment: ["MEMTRACE_OUTPUT": output])
    expectItRanOn(run.result)
    #expect(try run.directory.names() == [])
  }

  @Test func aDirectoryThatIsGoneIsNotTakenForTheRoot() throws {
    let directory = try TemporaryDirectory()
    let result = try run(
      "/bin/sh",
      [
        "-c", "mkdir gone && cd gone && rmdir ../gone && exec env LD_PRELOAD=\"$0\" \"$1\"",
        Project.library, try Self.fixture.path(),
      ], in: directory.path)
    expectItRanOn(result)
    #expect(!FileManager.default.fileExists(atPath: "/trace.bin"))
  }

  @Test func aLinkInTheWayIsNotFollowed() throws {
    let directory = try TemporaryDirectory()
    try directory.write("precious\n".utf8, to: "victim")
    #expect(symlink(directory.file("victim"), directory.file("trace.bin")) == 0)
    let run = try runTraced(Self.fixture.path(), in: directory)
    expectItRanOn(run.result, lines: 0...1)
    #expect(try String(contentsOfFile: directory.file("victim"), encoding: .utf8) == "precious\n")
  }

  @Test func aTraceIsForItsOwnersEyes() throws {
    let run = try runTraced(Self.fixture.path())
    expectItRanOn(run.result, lines: 0...0)
    var status = stat()
    #expect(lstat(run.directory.file("trace.bin"), &status) == 0)
    #expect(status.st_mode & 0o7777 == 0o600)
  }

  @Test(.enabled(if: Tmpfs.isPossible, "needs root and mount(8)"), arguments: [4, 64, 512, 2048])
  func aFullDiskEndsTheRecordingAlone(_ kibibytes: Int) throws {
    let disk = try Tmpfs(kibibytes: kibibytes)
    let run = try runTraced(
      Self.fixture.path(), environment: ["MEMTRACE_OUTPUT": disk.path + "/trace.bin"])
    expectItRanOn(run.result)
    let trace = disk.path + "/trace.bin"
    guard FileManager.default.fileExists(atPath: trace), kibibytes >= 512 else { return }
    let report = try Report(onTrace: trace, of: run.program)
    #expect(!report.trace.complete)
    #expect(report.trace.lostEvents > 0)
    #expect(report.sums(at: "keep_some").outstandingCount == 700)
    #expect(report.warnings.contains { $0.contains("stopped") })
  }

  @Test(arguments: [0, 1, 8, 64, 1024])
  func aFileSizeLimitKillsNobody(_ kibibytes: Int) throws {
    let directory = try TemporaryDirectory()
    // In units of 1,024 bytes for bash, of 512 for dash and POSIX.
    let result = try runLimited("ulimit -f \(kibibytes * 2)", in: directory)
    guard kibibytes > 0 else {  // its own output is a file, too
      #expect(result.ending == .killed(signal: SIGXFSZ))
      return
    }
    expectItRanOn(result)
  }

  @Test(arguments: [4, 8, 16, 64])
  func aSmallDescriptorLimitIsEnoughOrSaid(_ limit: Int) throws {
    let directory = try TemporaryDirectory()
    let result = try runLimited("ulimit -n \(limit)", in: directory)
    expectItRanOn(result, lines: 0...1)
    if result.errors.isEmpty {
      let report = try Report(onTrace: directory.file("trace.bin"), of: Self.fixture.path())
      #expect(report.sums(at: "keep_some").outstandingCount == 700)
      #expect(report.trace.complete)
    }
  }

  @Test func aLimitThatComesLaterEndsTheRecordingAlone() throws {
    let run = try runTraced(Self.fixture.path(), ["no-more-file", "-"])
    #expect(run.ending == .exited(11))
    #expect(run.errors.split(separator: "\n").count <= 1)
    let report = try run.report()
    #expect(report.sums(at: "keep_some").outstandingCount == 700)
    #expect(report.trace.lostEvents > 0)
  }

  @Test(arguments: ["no-more-descriptors", "no-more-memory", "elsewhere"])
  func changesOnTheWayDoNotConcernTheTrace(_ how: String) throws {
    let run = try runTraced(Self.fixture.path(), [how, "-"])
    expectItRanOn(run.result, lines: 0...0)
    let report = try run.report()
    #expect(report.sums(at: "keep_some").outstandingCount == 700)
    #expect(report.sums(at: "churn").totalCount == 600_000)
    #expect(report.trace.complete)
  }

  @Test func aTraceThatIsRemovedIsNobodysTrouble() throws {
    let directory = try TemporaryDirectory()
    let run = try runTraced(
      Self.fixture.path(), ["trace-removed", directory.file("trace.bin")], in: directory)
    expectItRanOn(run.result, lines: 0...1)
  }

  @Test func withoutLibunwindItSaysSoAndRecords() throws {
    let run = try runTraced(
      Fixture(source: "hard.c", optimization: ["-O1", "-fno-omit-frame-pointer"]).path(),
      environment: ["MEMTRACE_UNWINDER": "0"])
    #expect(run.ending == .exited(11))
    #expect(try run.report().sums(under: "keep_some").outstandingCount == 700)
  }

  @Test func aValueThatIsNoneIsSaidAndIgnored() throws {
    let run = try runTraced(
      Self.fixture.path(), environment: ["MEMTRACE_DEPTH": "many"])
    expectItRanOn(run.result)
    #expect(run.errors.contains("MEMTRACE_DEPTH"))
    #expect(try run.report().sums(at: "keep_some").outstandingCount == 700)
  }

  @Test func disabledIsDisabled() throws {
    let run = try runTraced(Self.fixture.path(), environment: ["MEMTRACE_DISABLE": "1"])
    expectItRanOn(run.result, lines: 0...0)
    #expect(try run.directory.names() == [])
  }
}
