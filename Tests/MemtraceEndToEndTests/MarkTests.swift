// SPDX-License-Identifier: Apache-2.0
//
// Marks from outside and by signal: all there, in order, and the program none the wiser.

import Foundation
import Testing
import TraceFile

@Suite struct MarkTests {
  private static let progress = Fixture(source: "progress.c", optimization: ["-O2"])
  private static let signals = Fixture(source: "marksignal.c")

  /// Ten thousand, while the program allocates on all processors.
  @Test func tenThousandMarksFromOutsideDisturbNothing() throws {
    let directory = try TemporaryDirectory()
    let program = try Self.progress.path()
    let threads = max(2, min(4, ProcessInfo.processInfo.activeProcessorCount))
    let names = (0..<10_000).map { "mark \($0)" }
    let list = try directory.write(names.joined(separator: "\n").utf8, to: "names")
    try Progress.run(program, threads, 7, 5000, in: directory) { running in
      let before = try Progress(readingFrom: directory.file("progress"))
      let result = try run(
        Project.command, ["mark", "\(running.pid)", "-"], in: directory.path, input: list)
      #expect(result.ending == .exited(0))
      #expect(result.errors == "")
      let after = try Progress(readingFrom: directory.file("progress"))
      #expect(after.freeCount > before.freeCount)
      running.signal(SIGKILL)
      _ = try running.wait()
    }
    let trace = try TraceFile(path: .init(directory.file("trace.bin")))
    #expect(trace.damage == [])
    #expect(trace.marks.map(\.name) == names)
    #expect(zip(trace.marks, trace.marks.dropFirst()).allSatisfy { $0.ticks < $1.ticks })

    let said = try Progress(readingFrom: directory.file("progress"))
    let report = try Report(onTrace: directory.file("trace.bin"), of: program)
    #expect(report.trace.lostEvents == 0)
    #expect(report.trace.unmatchedFrees == 0)
    for (function, said) in said.allocations {
      let traced = report.sums(at: function, "churn")
      // Each thread may have been killed between its last event and saying so.
      #expect(said.count...said.count + threads ~= traced.totalCount)
    }
    #expect(said.freeCount...said.freeCount + threads ~= report.summary.freeCount)
  }

  @Test func linesOfStandardInputAreMarksOfTheirOwn() throws {
    let directory = try TemporaryDirectory()
    let long = String(repeating: "ü", count: 600)
    let list = try directory.write("first\n\n\(long)\nlast without an end".utf8, to: "names")
    try Progress.run(Self.progress.path(), 1, 1, 10, in: directory) { running in
      let result = try run(
        Project.command, ["mark", "--snapshot", "\(running.pid)", "-"], in: directory.path,
        input: list)
      #expect(result.ending == .exited(0))
      running.signal(SIGKILL)
      _ = try running.wait()
    }
    let marks = try TraceFile(path: .init(directory.file("trace.bin"))).marks
    let cut = String(repeating: "ü", count: 512)
    #expect(marks.map(\.name) == ["first", cut, "last without an end"])
    #expect(marks.allSatisfy { $0.kind == .snapshot })
  }

  @Test(
    .enabled(
      if: geteuid() == 0 && Project.installed("setpriv") != nil,
      "only root can become somebody else"))
  func nobodyElseCanMarkAProgramsTrace() throws {
    let directory = try TemporaryDirectory()
    let shared = try TemporaryDirectory()
    let command = shared.file("memtrace")
    try FileManager.default.copyItem(atPath: Project.command, toPath: command)
    chmod(shared.path, 0o755)
    chmod(command, 0o755)
    try Progress.run(Self.progress.path(), 1, 1, 10, in: directory) { running in
      let result = try run(
        Project.installed("setpriv") ?? "",
        [
          "--reuid=65534", "--regid=65534", "--clear-groups", command, "mark", "\(running.pid)",
          "x",
        ],
        in: "/")
      #expect(result.ending == .exited(69))
      #expect(result.errors.hasPrefix("memtrace: cannot look into process \(running.pid)"))
      running.signal(SIGKILL)
      _ = try running.wait()
    }
    #expect(try TraceFile(path: .init(directory.file("trace.bin"))).marks.isEmpty)
  }

  // MARK: By signal

  private func runMarked(_ role: String) throws -> TracedRun {
    let run = try runTraced(
      Self.signals.path(), [role], environment: ["MEMTRACE_MARK_SIGNAL": "USR2"])
    #expect(run.ending == .exited(0))
    #expect(run.errors == "")
    return run
  }

  private func markNames(_ run: TracedRun, _ trace: String = "trace.bin") throws -> [String] {
    try TraceFile(path: .init(run.directory.file(trace))).marks.map(\.name)
  }

  @Test func signalsInTheMiddleOfMallocBecomeMarks() throws {
    let run = try runMarked("storm")
    #expect(run.output == "0 0\n")
    let names = try markNames(run)
    // A signal that is sent while the thread has one pending is that one.
    #expect(names.count > 100)
    #expect(Set(names) == Set((1...max(1, names.count)).map { "signal-\($0)" }))
    let report = try run.report()
    #expect(report.trace.lostEvents == 0)
    #expect(report.trace.unmatchedFrees == 0)
    #expect(report.sums(under: "allocate").outstandingCount == 0)
  }

  @Test func aHandlerOfTheProgramsOwnIsNotReplaced() throws {
    let run = try runMarked("own")
    #expect(run.output == "2 0\n")
    #expect(try markNames(run) == ["signal-1"])
  }

  @Test func aChildCountsItsOwnSignals() throws {
    let run = try runMarked("fork")
    let child = run.output.prefix { $0 != " " }
    #expect(try markNames(run) == ["signal-1", "signal-2"])
    #expect(try markNames(run, "trace.\(child).bin") == ["signal-1"])
  }

  @Test func withoutTheOptionASignalIsWhatItAlwaysWas() throws {
    let run = try runTraced(Self.signals.path(), ["own"])
    #expect(run.ending == .killed(signal: SIGUSR2))
  }

  @Test(arguments: ["KILL", "SEGV", "NONSENSE", "0", "99"])
  func aNameThatIsNoSignalIsSaidOnce(_ name: String) throws {
    let run = try runTraced(
      Self.signals.path(), ["none"], environment: ["MEMTRACE_MARK_SIGNAL": name])
    #expect(run.ending == .exited(0))
    #expect(run.errors.split(separator: "\n").count == 1)
    #expect(run.errors.hasPrefix("memtrace: MEMTRACE_MARK_SIGNAL=\(name) is no signal"))
  }
}
