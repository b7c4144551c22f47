// SPDX-License-Identifier: Apache-2.0
//
// Stacks in unusual places: signal handlers, small and huge stacks, libraries that come and go.

import Foundation
import Testing

@Suite struct StackTests {
  private func handled(_ run: TracedRun) throws -> Int {
    #expect(run.ending == .exited(0))
    #expect(run.errors == "")
    return try #require(Int(run.output.split(separator: " ").last?.dropLast() ?? ""))
  }

  @Test func handlersOnSmallStacksAreSeenThroughToWhatTheyInterrupted() throws {
    for how in ["stack", "leave"] {
      let run = try runTraced(Fixture(source: "signals.c").path(), [how])
      #expect(try handled(run) == 100)
      let report = try run.report()
      let allocated = report.sums(at: "on_signal")
      #expect(allocated.outstandingCount == 100)
      #expect(allocated.outstandingBytes == 4800)
      let caller = how == "stack" ? "on_a_small_stack" : "by_jumps"
      for function in ["interrupted_here", caller, "main"] {
        #expect(report.sums(under: "on_signal", and: function) == allocated, "\(function)")
      }
    }
  }

  @Test func handlersUnderATimerCountOrAreSaidToBeLost() throws {
    let run = try runTraced(Fixture(source: "signals.c").path(), ["timer"])
    let count = try handled(run)
    let report = try run.report()
    let allocated = report.sums(at: "on_signal")
    #expect(count - report.trace.lostEvents...count ~= allocated.outstandingCount)
    #expect(allocated.outstandingBytes == 48 * allocated.outstandingCount)
    #expect(report.trace.unmatchedFrees == 0)
  }

  @Test func deepStacksKeepTheirInnermostFramesAndAreCountedAsCut() throws {
    let run = try runTraced(Fixture(source: "deep.c").path(), ["100000"])
    #expect(run.ending == .exited(0))
    #expect(run.output == "100001 calls\n")
    let report = try run.report()
    let bottom = report.sums(at: "at_the_bottom", "go_down", "go_down")
    #expect(bottom.outstandingCount == 10)
    #expect(bottom.outstandingBytes == 880)
    let way = report.sums(at: "go_down")
    #expect(way.totalCount == 100)
    #expect(way.outstandingCount == 0)
    #expect(report.trace.truncatedStacks > 0)
    let site = try #require(report.sites.first { $0.functions.first == "at_the_bottom" })
    #expect(site.stack.count == 512)
  }

  @Test func theSmallestStackThereIsWillDo() throws {
    let run = try runTraced(Fixture(source: "deep.c").path(), ["0", "small"])
    #expect(run.ending == .exited(0))
    #expect(run.output == "1 calls\n")
    #expect(try run.report().sums(at: "at_the_bottom", "go_down", "run").outstandingCount == 10)
  }

  @Test func aDepthThatIsAskedForIsKept() throws {
    let run = try runTraced(
      Fixture(source: "deep.c").path(), ["1000"], environment: ["MEMTRACE_DEPTH": "20"])
    let report = try run.report()
    let site = try #require(report.sites.first { $0.functions.first == "at_the_bottom" })
    #expect(site.stack.count == 20)
    #expect(site.outstandingCount == 10)
  }

  /// Every stack captured twice, by the shim's own rules and by libunwind; it says what differs.
  @Test(arguments: [
    ("books.c", "-O2", ["60000", "2", "9"]), ("books.c", "-O0", ["60000", "2", "9"]),
    ("books.cpp", "-O2", ["60000", "2", "9"]), ("coroutines.c", "-O2", ["100", "9"]),
    ("teardown.cpp", "-O1", ["200", "20"]), ("signals.c", "-O1", ["stack"]),
    ("signals.c", "-O1", ["leave"]), ("signals.c", "-O1", ["timer"]), ("deep.c", "-O1", ["3000"]),
  ])
  func everyStackIsTheOneLibunwindFinds(
    _ source: String, _ optimization: String, _ arguments: [String]
  ) throws {
    let run = try runTraced(
      Fixture(source: source, optimization: [optimization]).path(), arguments,
      environment: ["MEMTRACE_UNWINDER": "3"])
    #expect(run.ending == .exited(0))
    #expect(run.errors == "")
  }

  @Test(arguments: ["python3", "perl", "node"])
  func everyStackOfAnInterpreterIsTheOneLibunwindFinds(_ name: String) throws {
    guard let program = Project.installed(name) else { return }
    let script = ["python3": "print(1)", "perl": "print 1", "node": "console.log(1)"]
    let option = name == "python3" ? "-c" : "-e"
    let run = try runTraced(
      program, [option, script[name] ?? ""], environment: ["MEMTRACE_UNWINDER": "3"])
    #expect(run.ending == .exited(0))
    #expect(run.errors == "")
  }

  /// Three libraries take each other's addresses; their leaks keep their own names.
  @Test func librariesInTurnAreToldApart() throws {
    let rounds = 60
    let run = try runTraced(PluginFixtures.path(), ["turns", "\(rounds)"])
    #expect(run.ending == .exited(0))
    let report = try run.report()
    for number in 0..<3 {
      let leak = report.sums(at: "plugin_number_\(number)", "plugin_work", "use_plugin")
      let count = rounds / 3 * (number + 1)
      #expect(leak.outstandingCount == count, "\(number)")
      #expect(leak.outstandingBytes == count * 56, "\(number)")
      #expect(leak.totalCount == 2 * count, "\(number)")
    }
    #expect(report.trace.unmatchedFrees == 0)
    #expect(report.trace.lostEvents == 0)
  }

  @Test func librariesInThreadsAreToldApart() throws {
    let rounds = 150
    let run = try runTraced(PluginFixtures.path(), ["threads", "\(rounds)"])
    #expect(run.ending == .exited(0))
    let lines = run.output.split(separator: "\n")
    let steady = try #require(lines.first.flatMap { Int($0.split(separator: " ").last ?? "") })
    let report = try run.report()
    for number in 0..<3 {
      let leak = report.sums(at: "plugin_number_\(number)", "plugin_work", "use_plugin")
      #expect(leak.outstandingCount == 4 * rounds / 3 * (number + 1), "\(number)")
    }
    #expect(report.sums(at: "steady_leak", "steady").outstandingCount == steady)
    #expect(report.sums(at: "steady_leak", "steady").outstandingBytes == steady * 72)
    #expect(report.trace.unmatchedFrees == 0)
    #expect(report.trace.lostEvents == 0)
  }
}
