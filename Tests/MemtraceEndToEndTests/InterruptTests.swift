// SPDX-License-Identifier: Apache-2.0
//
// Signal handlers that do what the functions that they interrupt do, too: pipes, and the end.

import Testing

@Suite struct InterruptTests {
  private let program = Fixture(source: "torture/interrupts.c", product: "torture-interrupts")

  private func library() throws -> String {
    try Fixture(
      source: "plugin.c", flags: ["-fPIC", "-shared", "-DPLUGIN_FUNCTION=plugin_number_0"],
      product: "plugin-0.so"
    ).path()
  }

  /// Nearly all the time goes into libunwind, which has a pipe of its own: the handler's are the
  /// program's, and what it closes is not ours.
  @Test(arguments: ["1", "2"])
  func pipesOfAHandlerAreTheProgramsOwn(_ unwinder: String) throws {
    let run = try runTraced(
      program.path(), ["pipes"], environment: ["MEMTRACE_UNWINDER": unwinder])
    #expect(run.output == "wrong 0\n")
    #expect(run.errors == "")
    #expect(run.ending == .exited(0))
    let report = try run.report()
    #expect(report.trace.complete)
    #expect(report.trace.lostEvents == 0)
    #expect(report.trace.unmatchedFrees == 0)
    #expect(report.sums(at: "lose_one", "main").outstandingCount == 1)
    #expect(report.sums(at: "allocate_below").outstandingCount == 0)
  }

  /// `_exit` in a handler, whatever of ours or of the loader's it has interrupted.
  @Test func whatEndsInAHandlerEnds() throws {
    let run = try runTraced(program.path(), ["ends", "200", library()], limitSeconds: 60)
    #expect(run.output == "ended 200\n")
    #expect(run.errors == "")
    #expect(run.ending == .exited(0))
    let names = try run.traceNames()
    #expect(names.count == 201)
    for name in names.prefix(10) where name != "trace.bin" {
      let report = try run.report(name)
      #expect(report.trace.state == "exited")
      #expect(report.trace.unmatchedFrees == 0)
      #expect(report.sums(at: "lose_one").outstandingCount == 1)
    }
  }

  /// A watchdog's way: natively `_exit` waits for no lock.
  @Test func aThreadThatHangsInTheLoaderKeepsNobodyFromEnding() throws {
    let run = try runTraced(program.path(), ["hangs"], limitSeconds: 60)
    #expect(run.ending == .exited(21))
    let report = try run.report()
    #expect(report.trace.complete)
    #expect(report.sums(at: "lose_one").outstandingCount == 1)
  }
}
