// SPDX-License-Identifier: Apache-2.0
//
// A program that becomes another one: its trace says so, whether the other is traced or not.

import Testing

@Suite struct ExecTests {
  private let program = Fixture(source: "torture/execs.c", product: "torture-execs")

  private func expectIsWhole(_ report: Report) {
    #expect(report.sums(at: "lose").outstandingCount == 7)
    #expect(report.trace.lostEvents == 0)
    #expect(report.trace.unmatchedFrees == 0)
  }

  /// What env(1) says it was given, but for what it has from us.
  private func lines(_ output: String) -> Set<Substring> {
    Set(output.split(separator: "\n").filter { $0.hasPrefix("HOW=") || $0.hasSuffix("=1") })
  }

  /// With an environment of their own: nobody is there to say it afterwards.
  @Test(arguments: ["execle", "execvpe", "execve", "execveat", "fexecve"])
  func whatBecomesAnUntracedProgramSaysSo(_ how: String) throws {
    let run = try runTraced(program.path(), [how])
    #expect(run.ending == .exited(0))
    #expect(lines(run.output) == ["HOW=ever", "A=1"])
    #expect(run.errors == "")
    #expect(try run.traceNames() == ["trace.bin"])
    let report = try run.report()
    expectIsWhole(report)
    #expect(report.trace.state == "executed")
    #expect(report.trace.complete)
    #expect(report.warnings.contains { $0.contains("replaced itself") })
  }

  @Test(arguments: ["execl", "execlp", "execv", "execvp"])
  func whatBecomesATracedProgramSaysSo(_ how: String) throws {
    let run = try runTraced(program.path(), [how])
    #expect(run.ending == .exited(0))
    #expect(lines(run.output) == ["A=1"])
    #expect(try run.traceNames() == ["trace.bin", "trace.bin.old"])
    let report = try run.report("trace.bin.old")
    expectIsWhole(report)
    #expect(report.trace.state == "executed")
  }

  /// A call that fails leaves nothing behind, nor does that of a child in this memory.
  @Test(arguments: [("fails", "failures 8\n"), ("vfork", "A=1\nB=2\nHOW=ever\n")])
  func whatWasKilledLaterWasKilled(_ how: String, _ output: String) throws {
    let run = try runTraced(program.path(), [how])
    #expect(run.ending == .killed(signal: 9))
    #expect(run.output.split(separator: "\n").sorted() == output.split(separator: "\n").sorted())
    let report = try run.report()
    expectIsWhole(report)
    #expect(report.trace.state == "killed")
    #expect(!report.trace.complete)
  }
}
