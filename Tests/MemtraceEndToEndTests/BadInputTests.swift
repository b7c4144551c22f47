// SPDX-License-Identifier: Apache-2.0
//
// `memtrace report` on what is no trace, on traces that are damaged, and on one that still grows:
// one line of error or a report with a warning; never a crash, a hang or much memory.

import Foundation
import Testing

@Suite struct BadInputTests {
  /// What a report on a file is, however bad the file: it ends soon, in little memory, and says
  /// in one line what is wrong if it says nothing else.
  @discardableResult
  private func report(on path: String, _ what: String = "") throws -> ProgramResult {
    // An address space of 2 GB: whoever wants more for a trace of a few hundred kilobytes dies.
    let result = try run(
      "/bin/sh",
      [
        "-c", "ulimit -v 2000000; exec \"$0\" report --format json \"$1\"", Project.command, path,
      ], in: "/", limitSeconds: 60)
    switch result.ending {
    case .exited(0):
      #expect(result.output.hasPrefix("{"), "\(what)")
      #expect(result.errors == "", "\(what)")
    case .exited(65), .exited(66):
      #expect(result.output == "", "\(what)")
      #expect(result.errors.hasPrefix("memtrace: "), "\(what): \(result.errors)")
      #expect(result.errors.filter { $0 == "\n" }.count == 1, "\(what): \(result.errors)")
    default:
      Issue.record("\(what) \(path): \(result.ending), \(result.errors)")
    }
    return result
  }

  /// A small trace of everything: threads, C++, a plugin that was unloaded, large blocks.
  private func sampleTrace() throws -> Data {
    let run = try runTraced(PluginFixtures.path(), ["turns", "20"])
    return try Data(contentsOf: URL(fileURLWithPath: run.directory.file("trace.bin")))
  }

  @Test func whatIsNoTraceIsSaidInOneLine() throws {
    let directory = try TemporaryDirectory()
    let zeros = [UInt8](repeating: 0, count: 100_000)
    let bad = [
      try directory.write("".utf8, to: "empty"),
      try directory.write("M".utf8, to: "one-byte"),
      try directory.write("MEMTRACE".utf8, to: "magic-alone"),
      try directory.write("This is a text and no trace.\n".utf8, to: "text"),
      try directory.write(zeros, to: "zeros"),
      directory.path, Project.command, "/dev/null",
    ]
    for path in bad {
      #expect(try report(on: path).ending == .exited(65), "\(path)")
    }
    #expect(try report(on: directory.file("missing")).ending == .exited(66))
    #expect(try report(on: directory.file("empty") + "/file").ending == .exited(66))
  }

  @Test func aPipeNobodyWritesToIsNotWaitedFor() throws {
    let directory = try TemporaryDirectory()
    #expect(mkfifo(directory.file("fifo"), 0o600) == 0)
    #expect(try report(on: directory.file("fifo")).ending == .exited(65))
  }

  @Test func aNewerVersionIsNamed() throws {
    let directory = try TemporaryDirectory()
    var trace = try sampleTrace()
    trace[8] = 77  // mt_file_header.version
    let result = try report(on: directory.write(trace, to: "trace.bin"))
    #expect(result.ending == .exited(65))
    #expect(result.errors.contains("77"))
  }

  @Test func aTruncatedTraceGivesWhatIsLeft() throws {
    let directory = try TemporaryDirectory()
    let trace = try sampleTrace()
    var random = SeededRandom(seed: 3)
    var lengths = [1, 7, 8, 100, 4095, 4096, 4097, trace.count - 1]
    lengths += (0..<40).map { _ in Int.random(in: 4096..<trace.count, using: &random) }
    for length in lengths {
      let path = try directory.write(trace.prefix(length), to: "truncated.bin")
      let result = try report(on: path, "\(length) of \(trace.count) bytes")
      #expect(length >= 4096 || result.ending == .exited(65), "\(length)")
    }
    let whole = try report(on: directory.write(trace, to: "whole.bin"))
    #expect(whole.ending == .exited(0))
  }

  /// Four batches at once; more, and in one process, stand in TraceFileTests.
  @Test(arguments: 1...4)
  func changedBytesNeverBreakTheReport(_ seed: UInt64) throws {
    let directory = try TemporaryDirectory()
    let trace = try sampleTrace()
    var random = SeededRandom(seed: seed)
    for round in 0..<75 {
      var changed = trace
      for _ in 0..<Int.random(in: 1...8, using: &random) {
        // Half of the changes hit the headers, where they hurt most.
        let limit = Bool.random(using: &random) ? min(8192, trace.count) : trace.count
        let place = Int.random(in: 0..<limit, using: &random)
        changed[place] = UInt8.random(in: 0...255, using: &random)
      }
      let path = try directory.write(changed, to: "changed.bin")
      try report(on: path, "seed \(seed) round \(round)")
    }
  }

  @Test func aHugeHoleAtTheEndIsNoTrouble() throws {
    let directory = try TemporaryDirectory()
    let path = try directory.write(try sampleTrace(), to: "sparse.bin")
    #expect(truncate(path, 1 << 30) == 0)
    let result = try runCommand(["report", "--format", "json", path], limitSeconds: 60)
    #expect(result.ending == .exited(0))
  }

  @Test func aTraceStillBeingWrittenIsReadAsFarAsItGoes() throws {
    let directory = try TemporaryDirectory()
    let program = try Fixture(source: "progress.c", optimization: ["-O2"]).path()
    try Progress.run(program, 2, 5, 20_000, in: directory) { running in
      var last = 0
      for _ in 0..<8 {
        let before = try Progress(readingFrom: directory.file("progress"))
        let report = try Report(onTrace: directory.file("trace.bin"), of: program)
        #expect(!report.trace.complete)
        #expect(report.warnings.contains { $0.contains("running") })
        #expect(report.trace.unmatchedFrees == 0)
        let count = report.summary.allocationCount
        #expect(count >= before.allocations.values.map(\.count).reduce(0, +))
        #expect(count >= last)
        last = count
      }
      running.signal(SIGKILL)
      _ = try running.wait()
    }
  }
}

/// Random numbers that are the same in every run.
struct SeededRandom: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed &* 0x9e37_79b9_7f4a_7c15 | 1 }

  mutating func next() -> UInt64 {
    state ^= state << 13
    state ^= state >> 7
    state ^= state << 17
    return state
  }
}
