// SPDX-License-Identifier: Apache-2.0
//
// What may happen to a trace, and to the program that writes it, in the middle of a run: the
// program ends as it would have, what was recorded before is readable, what was not is counted.

import Foundation
import Testing

@Suite struct FaultTests {
  private let directory: TemporaryDirectory
  private var trace: String { directory.file("trace.bin") }

  init() throws { directory = try TemporaryDirectory() }

  // MARK: - The file

  @Test func nothingHappensToMostTraces() throws {
    Halfway.expectItRanOn(try Halfway.run(in: directory) { _ in })
    try Halfway.expectIsWhole(trace)
  }

  @Test func aRemovedTraceIsNobodysTrouble() throws {
    Halfway.expectItRanOn(try Halfway.run(in: directory) { _ in unlink(trace) }, lines: 0...1)
    #expect(try directory.names() == [])
  }

  enum Replacement: String, CaseIterable {
    case nothing, file, symbolicLink, fullDevice, fifo, folder
  }

  /// The trace is moved elsewhere, where it goes on; what stands in its place stays as it is.
  @Test(arguments: Replacement.allCases)
  func whatTakesTheTracesPlaceIsNotTouched(_ replacement: Replacement) throws {
    try directory.write("precious\n".utf8, to: "victim")
    let result = try Halfway.run(in: directory) { _ in
      rename(trace, directory.file("elsewhere"))
      switch replacement {
      case .nothing: break
      case .file: try directory.write("precious\n".utf8, to: "trace.bin")
      case .symbolicLink: #expect(symlink(directory.file("victim"), trace) == 0)
      case .fullDevice: #expect(symlink("/dev/full", trace) == 0)
      case .fifo: #expect(mkfifo(trace, 0o600) == 0)
      case .folder: #expect(mkdir(trace, 0o700) == 0)
      }
    }
    Halfway.expectItRanOn(result)
    try Halfway.expectIsWhole(directory.file("elsewhere"))
    func text(_ name: String) throws -> String {
      try String(contentsOfFile: directory.file(name), encoding: .utf8)
    }
    #expect(try text("victim") == "precious\n")
    if replacement == .file { #expect(try text("trace.bin") == "precious\n") }
  }

  @Test func aTraceThatNobodyMayOpenAnyMoreGoesOn() throws {
    Halfway.expectItRanOn(try Halfway.run(in: directory) { _ in chmod(trace, 0) })
    chmod(trace, 0o600)
    try Halfway.expectIsWhole(trace)
  }

  /// What is mapped next lies where the others wrote: it must not be taken for events.
  @Test func whatOthersAppendIsNotTakenForOurs() throws {
    let result = try Halfway.run(in: directory) { _ in
      let file = try #require(FileHandle(forWritingAtPath: trace))
      try file.seekToEnd()
      try file.write(contentsOf: Data(repeating: 0x78, count: 1_000_000))
      try file.close()
    }
    Halfway.expectItRanOn(result)
    // What is left of their bytes is said, between what is ours.
    try Halfway.expectIsWhole(trace, isSound: false)
  }

  // MARK: - Limits

  /// Limits of which the shim needs nothing more once it records.
  @Test(arguments: [
    "--nofile=3", "--as=268435456", "--stack=16384", "--memlock=0", "--core=0", "--data=33554432",
  ])
  func limitsSetHalfWayChangeNothing(_ limit: String) throws {
    Halfway.expectItRanOn(
      try Halfway.run(in: directory) { running in try setLimit(limit, of: running) })
    try Halfway.expectIsWhole(trace)
  }

  private func setLimit(_ limit: String, of running: RunningProgram) throws {
    let tool = try #require(Project.installed("prlimit"))
    let result = try run(tool, ["--pid", "\(running.pid)", limit], in: "/")
    #expect(result.ending == .exited(0), "\(result.errors)")
  }

  @Test func aFileSizeLimitSetHalfWayEndsTheRecordingAlone() throws {
    let result = try Halfway.run(in: directory) { running in
      try setLimit("--fsize=300000", of: running)
    }
    Halfway.expectItRanOn(result, lines: 1...1)
    try Halfway.expectFirstHalf(trace)
  }

  @Test(arguments: ["ulimit -s 24", "ulimit -s 64", "ulimit -l 0", "ulimit -v 60000"])
  func limitsSetBeforeTheStartChangeNothing(_ limit: String) throws {
    let program = try Fixture(source: "hard.c").path()
    let result = try run(
      "/bin/sh",
      ["-c", "\(limit) && exec env LD_PRELOAD=\"$0\" \"$1\"", Project.library, program],
      in: directory.path, environment: ["PATH": "/usr/bin:/bin"])
    #expect(result.ending == .exited(11))
    #expect(result.output == "begun\nat the end\n")
    #expect(result.errors == "")
    let report = try Report(onTrace: trace, of: program)
    #expect(report.sums(at: "keep_some").outstandingCount == 700)
    #expect(report.trace.complete)
  }

  /// The kernel may take half of these 16 KiB for where it begins the stack, and the loader crashes
  /// in one run of 70 for any library that is preloaded: so a few may fail, of many.
  @Test func theSmallestStackIsEnoughToBeginATrace() throws {
    let program = try Fixture(source: "hard.c").path()
    var failures = 0
    for _ in 0..<40 {
      let result = try run(
        "/bin/sh",
        ["-c", "ulimit -s 16 && exec env LD_PRELOAD=\"$0\" \"$1\"", Project.library, program],
        in: directory.path, environment: ["PATH": "/usr/bin:/bin"])
      failures += result.ending == .exited(11) ? 0 : 1
    }
    #expect(failures <= 5)
  }

  @Test func withoutMemoryTheRecordingAloneEnds() throws {
    let program = try Fixture(source: "hard.c").path()
    var ends = 0
    for kibibytes in stride(from: 12_000, through: 24_000, by: 2000) {
      let result = try run(
        "/bin/sh",
        [
          "-c", "ulimit -v \(kibibytes) && exec env LD_PRELOAD=\"$0\" \"$1\"", Project.library,
          program,
        ], in: directory.path, environment: ["PATH": "/usr/bin:/bin"])
      // Where the program itself has too little it ends as it likes, but for a crash of ours.
      guard result.ending != .exited(127) else { continue }
      #expect(result.ending == .exited(11), "\(kibibytes): \(result.errors)")
      ends += 1
    }
    #expect(ends > 0)
  }

  // MARK: - Full disks

  @Test(.enabled(if: Tmpfs.isPossible, "needs root and mount(8)"))
  func aFileThatCannotBeBegunIsNotLeftBehind() throws {
    let disk = try Tmpfs(kibibytes: 64)
    let block = [UInt8](repeating: 1, count: 64 << 10)
    FileManager.default.createFile(atPath: disk.path + "/filler", contents: Data(block))
    let run = try runTraced(
      Fixture(source: "hard.c").path(), environment: ["MEMTRACE_OUTPUT": disk.path + "/trace.bin"])
    #expect(run.ending == .exited(11))
    #expect(run.errors.contains("No space left on device"))
    #expect(try FileManager.default.contentsOfDirectory(atPath: disk.path) == ["filler"])
  }

  static let fileSystems = ["ext4", "btrfs"].filter(SmallDisk.isPossible)

  /// Also where a page that is written again goes to a new place on the disk (btrfs).
  @Test(arguments: fileSystems)
  func aDiskThatFillsUpHalfWayEndsTheRecordingAlone(_ kind: String) throws {
    let disk = try SmallDisk(kind)
    let trace = disk.path + "/trace.bin"
    let result = try Halfway.run(in: directory, environment: ["MEMTRACE_OUTPUT": trace]) { _ in
      try disk.fill()
    }
    Halfway.expectItRanOn(result, lines: 1...1)
    try Halfway.expectFirstHalf(trace)
  }

  // MARK: - Time, and the end

  @Test func aProgramThatIsStoppedAndContinuedIsTracedToItsEnd() throws {
    let result = try Halfway.run(in: directory) { running in
      for _ in 0..<20 {
        running.signal(SIGSTOP)
        var information = siginfo_t()
        #expect(waitid(P_PID, id_t(running.pid), &information, WSTOPPED) == 0)
        running.signal(SIGCONT)
      }
    }
    Halfway.expectItRanOn(result)
    try Halfway.expectIsWhole(trace)
  }

  /// A clock that jumps moves instants; of the sums it changes none.
  @Test(arguments: ["0", "1"])
  func clocksThatJumpChangeNoSums(_ usesTimeStampCounter: String) throws {
    let clock = try Fixture(
      source: "torture/clock.c", flags: ["-fPIC", "-shared"], product: "torture-clock.so"
    ).path()
    let program = try Fixture(source: "books.c", optimization: ["-O2"]).path()
    let run = try runTraced(
      program, ["20000", "1", "77"],
      environment: [
        "LD_PRELOAD": "\(Project.library):\(clock)", "MEMTRACE_TSC": usesTimeStampCounter,
      ])
    #expect(run.ending == .exited(0))
    #expect(run.errors == "")
    let report = try run.report()
    #expect(report.trace.complete)
    #expect(report.trace.lostEvents == 0)
    #expect(
      report.summary.allocationCount == (try Books(parsing: run.output)).totals.allocationCount)
  }

  /// The kernel's own way to end a process that has no more memory in its group.
  @Test func whatTheMemoryLimitOfAGroupKillsHasItsTrace() throws {
    guard let group = MemoryGroup(limitByteCount: 40_000_000) else { return }
    let result = try Halfway.run(["greedy"], in: directory) { running in
      #expect(group.add(running.pid))
    }
    #expect(result.ending == .killed(signal: SIGKILL))
    let report = try Report(onTrace: trace, of: Halfway.program.path())
    #expect(report.sums(at: "before").outstandingCount == Halfway.keptCount)
    let taken = report.sums(at: "take_all").outstandingBytes
    #expect(taken > 20_000_000 && taken < 60_000_000, "\(taken)")
    #expect(!report.trace.complete)
    #expect(report.trace.lostEvents == 0)
  }
}
