// SPDX-License-Identifier: Apache-2.0
//
// However a program ends, what it had allocated by then is in its trace.

import Foundation
import Testing

@Suite struct SurvivalTests {
  private static let progress = Fixture(source: "progress.c", optimization: ["-O2"])

  /// A hundred runs, each killed at another instant, most of them in several threads.
  @Test(arguments: [0, 25, 50, 75])
  func whatAKilledProgramHadSaidIsInItsTrace(_ first: Int) throws {
    for seed in first..<first + 25 {
      try killOnce(seed: seed, threads: 1 + seed % 4, target: seed * seed * 13)
    }
  }

  private func killOnce(seed: Int, threads: Int, target: Int) throws {
    let directory = try TemporaryDirectory()
    let program = try Self.progress.path()
    try Progress.run(program, threads, seed, target, in: directory) { running in
      running.signal(SIGKILL)
      let result = try running.wait()
      #expect(result.ending == .killed(signal: SIGKILL))
    }
    let said = try Progress(readingFrom: directory.file("progress"))
    let report = try Report(onTrace: directory.file("trace.bin"), of: program)
    #expect(report.trace.unmatchedFrees == 0)
    #expect(report.trace.lostEvents == 0)

    // Each thread may have been killed between its last event and saying so.
    func expect(_ counted: Int, isThatOf said: Int, _ what: String) {
      #expect(
        said...said + threads ~= counted,
        "seed \(seed), \(threads) threads: said \(said) \(what), traced \(counted)")
    }
    for (function, said) in said.allocations {
      let traced = report.sums(at: function, "churn")
      expect(traced.totalCount, isThatOf: said.count, function)
      #expect(said.bytes...said.bytes + threads * 100_000 ~= traced.totalBytes)
    }
    expect(report.summary.freeCount, isThatOf: said.freeCount, "frees")
  }

  struct End: Sendable, CustomStringConvertible {
    let how: String
    let ending: Ending
    var leaksOfOne = 1
    /// Whether the process itself could still say that it ends.
    var isComplete = true

    var description: String { how }
  }

  static let ends = [
    End(how: "return", ending: .exited(3)),
    End(how: "exit", ending: .exited(4)),
    End(how: "atexit", ending: .exited(4), leaksOfOne: 2),
    End(how: "_exit", ending: .exited(5)),
    End(how: "exit_group", ending: .exited(6), isComplete: false),
    End(how: "quick_exit", ending: .exited(8)),
    End(how: "abort", ending: .killed(signal: SIGABRT), isComplete: false),
    End(how: "segv", ending: .killed(signal: SIGSEGV), isComplete: false),
    End(how: "kill", ending: .killed(signal: SIGKILL), isComplete: false),
    End(how: "term", ending: .killed(signal: SIGTERM), isComplete: false),
    End(how: "overflow", ending: .killed(signal: SIGSEGV), isComplete: false),
    End(how: "handled", ending: .exited(111)),
    End(how: "thread-exit", ending: .exited(7)),
    End(how: "main-thread-ends", ending: .exited(0), leaksOfOne: 2),
    End(how: "exec-fails", ending: .exited(9), leaksOfOne: 2),
  ]

  @Test(arguments: ends)
  func everyWayToEndLeavesAWholeTrace(_ end: End) throws {
    let run = try runTraced(Fixture(source: "dies.c").path(), [end.how])
    #expect(run.ending == end.ending)
    #expect(run.output == "leaked\n")
    #expect(run.errors == "")
    let report = try run.report()
    expectLeaks(report, one: end.leaksOfOne)
    #expect(report.trace.complete == end.isComplete)
    #expect(report.warnings.isEmpty == end.isComplete)
  }

  private func expectLeaks(_ report: Report, one: Int) {
    #expect(report.sums(at: "leak_many").outstandingCount == 300)
    #expect(report.sums(at: "leak_many").outstandingBytes == 12_000)
    #expect(report.sums(at: "leak_one").outstandingCount == one)
    #expect(report.sums(at: "leak_one").outstandingBytes == one * 123_456)
    #expect(report.sums(at: "free_all").outstandingCount == 0)
    #expect(report.sums(at: "free_all").totalCount == 1000)
    #expect(report.trace.unmatchedFrees == 0)
    #expect(report.trace.lostEvents == 0)
  }

  @Test func execLeavesTheOldTraceBesideTheNew() throws {
    let run = try runTraced(Fixture(source: "dies.c").path(), ["exec"])
    #expect(run.ending == .exited(2))
    #expect(try run.traceNames() == ["trace.bin", "trace.bin.old"])
    let before = try run.report("trace.bin.old")
    expectLeaks(before, one: 1)
    #expect(before.trace.complete)
    let after = try run.report()
    #expect(after.sums(at: "leak_one").outstandingCount == 2)
    #expect(after.sums(at: "leak_many") == Sums())
    #expect(after.trace.command == ["dies", "again"] || after.trace.command.last == "again")
    #expect(before.trace.pid == after.trace.pid)
  }

  @Test func aSecondRunKeepsTheFirstOnesTrace() throws {
    let first = try runTraced(Fixture(source: "dies.c").path(), ["exit"])
    let bytes = try Data(contentsOf: URL(fileURLWithPath: first.directory.file("trace.bin")))
    _ = try runTraced(Project.example("no-leak"), in: first.directory)
    #expect(try first.traceNames() == ["trace.bin", "trace.bin.old"])
    let moved = try Data(contentsOf: URL(fileURLWithPath: first.directory.file("trace.bin.old")))
    #expect(moved == bytes)
    #expect(try first.report().summary.allocationCount == 10_003)
  }
}
