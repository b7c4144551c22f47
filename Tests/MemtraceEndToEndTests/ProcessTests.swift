// SPDX-License-Identifier: Apache-2.0
//
// Programs that make other processes: each has a trace of its own, exact, and none hangs.

import Foundation
import Testing

@Suite struct ProcessTests {
  private static let fixture = Fixture(source: "forks.c")

  /// What one run left behind: the parent's report, and by pid what each child leaked and says.
  private func family(_ how: String) throws -> (
    run: TracedRun, children: [(pid: String, count: Int)]
  ) {
    let run = try runTraced(Self.fixture.path(), [how])
    #expect(run.ending == .exited(0))
    #expect(run.errors == "")
    let children = run.output.split(separator: "\n").compactMap {
      line -> (pid: String, count: Int)? in
      let words = line.split(separator: " ")
      guard words.count == 3, words[0] == "child", let count = Int(words[2]) else {
        Issue.record("unexpected output: \(line)")
        return nil
      }
      return (String(words[1]), count)
    }
    return (run, children)
  }

  private func expectParentIsExact(_ run: TracedRun) throws {
    let parent = try run.report()
    #expect(parent.sums(at: "parent_leak").outstandingCount == 5)
    #expect(parent.sums(at: "parent_leak").outstandingBytes == 1000)
    #expect(parent.sums(under: "child_leak") == Sums())
    #expect(parent.sums(at: "main").outstandingCount == 0)
    #expect(parent.trace.unmatchedFrees == 0)
    #expect(parent.trace.lostEvents == 0)
    #expect(parent.trace.complete)
  }

  private func expectChildIsExact(_ run: TracedRun, _ child: (pid: String, count: Int)) throws {
    let report = try run.report("trace.\(child.pid).bin")
    #expect(report.sums(at: "child_leak").outstandingCount == child.count)
    #expect(report.sums(at: "child_leak").outstandingBytes == child.count * 24)
    #expect(report.sums(under: "parent_leak") == Sums())
    #expect(report.trace.pid == Int(child.pid))
    #expect(report.trace.unmatchedFrees == 0)
    #expect(report.trace.lostEvents == 0)
    #expect(report.trace.complete)
  }

  @Test(arguments: [
    ("one", 1), ("many", 64), ("raw", 3), ("_Fork", 3), ("threads", 40), ("nested", 2),
    ("daemon", 1), ("vfork", 1), ("spawn", 1), ("system", 2), ("popen", 1), ("exec", 1),
    ("atfork", 3),
  ])
  func parentAndChildrenAreEachExact(_ how: String, _ count: Int) throws {
    let (run, children) = try family(how)
    #expect(children.count == count)
    #expect(Set(children.map(\.pid)).count == count)
    try expectParentIsExact(run)
    for child in children { try expectChildIsExact(run, child) }
    // Whatever other process there was (a shell, the first half of a daemon): its trace is whole.
    for name in try run.traceNames() {
      #expect(try run.report(name).trace.complete, "\(name)")
    }
  }

  @Test func aChildThatBecomesAnotherProgramKeepsWhatItDidBefore() throws {
    let (run, children) = try family("exec")
    let child = try #require(children.first)
    let before = try run.report("trace.\(child.pid).bin.old")
    #expect(before.sums(at: "child_leak").outstandingCount == 3)
    #expect(before.sums(at: "child_leak").outstandingBytes == 72)
  }

  @Test func aChildSaysWhoseItIs() throws {
    let (run, children) = try family("one")
    let child = try #require(children.first)
    let report = try run.report("trace.\(child.pid).bin")
    #expect(report.warnings.contains { $0.contains(run.directory.file("trace.bin")) })
  }

  @Test func aPidInTheNameIsThePid() throws {
    let run = try runTraced(
      Project.example("fork-children"), environment: ["MEMTRACE_OUTPUT": "run-%p.bin"])
    let pids = run.output.split(separator: "\n").compactMap { $0.split(separator: " ").last }
    let names = try run.directory.names()
    #expect(names.count == 4)
    for pid in pids {
      #expect(names.contains("run-\(pid).bin"))
    }
    for name in names {
      let pid = try run.report(name).trace.pid
      #expect(name == "run-\(pid).bin")
    }
  }

  /// They know nothing of each other, and none may take the other's trace away.
  @Test func programsStartedSideBySideKeepTheirTraces() throws {
    let directory = try TemporaryDirectory()
    let fixture = try Fixture(source: "progress.c", optimization: ["-O2"]).path()
    var pids: Set<Int> = []
    func start(_ count: Int) throws {
      guard count > 0 else { return }
      try Progress.run(fixture, 1, count, 100, in: directory) { running in
        pids.insert(Int(running.pid))
        try start(count - 1)
        running.signal(SIGKILL)
        _ = try running.wait()
      }
    }
    try start(4)
    let run = TracedRun(
      program: fixture, result: ProgramResult(ending: .exited(0), output: "", errors: ""),
      directory: directory)
    let traced = try run.traceNames().map { try run.report($0).trace.pid }
    #expect(Set(traced) == pids)
    #expect(traced.count == 4)
  }

  @Test func theShellsPipelinesAreTracedAndGoOn() throws {
    let run = try runTraced(
      "/bin/sh",
      ["-c", "for i in 1 2 3; do (echo $i; exit 0) | cat; done; ls /nonexistent; echo $?"])
    #expect(run.ending == .exited(0))
    #expect(run.output == "1\n2\n3\n2\n")
    let names = try run.traceNames()
    #expect(names.count >= 5)
    for name in names { #expect(try run.report(name).trace.lostEvents == 0) }
  }
}
