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
    ("nocfi.c", "-O0", ["5000"]), ("nocfi.c", "-O2", ["5000"]), ("paths.c", "-O0", ["20000", "3"]),
    ("paths.c", "-O2", ["20000", "4"]),
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

  /// What hot functions and workers do in node: interpreted, baseline and optimized frames.
  private static let hotScript = """
    const { Worker, isMainThread } = require('worker_threads');
    class Point { constructor(n) { this.bytes = Buffer.alloc(5000 + n % 7); } }
    function hot(n) { return new Point(n).bytes.length + JSON.stringify({ n }).length; }
    let sum = 0;
    for (let i = 0; i < 3000; i++) sum += hot(i);
    if (isMainThread) new Worker(__filename);
    """

  @Test(arguments: [
    ("python3", ["-c", "import json, re; print(re.sub('a', 'b', json.dumps(list(range(99)))))"]),
    ("perl", ["-e", "print 1"]), ("node", ["-e", "console.log(1)"]), ("node", ["hot.js"]),
    ("java", ["-version"]),
  ])
  func everyStackOfAnInterpreterIsTheOneLibunwindFinds(
    _ name: String, _ arguments: [String]
  ) throws {
    guard let program = Project.installed(name) else { return }
    let directory = try TemporaryDirectory()
    try Self.hotScript.write(
      toFile: directory.path + "/hot.js", atomically: true, encoding: .utf8)
    let run = try runTraced(
      program, arguments, environment: ["MEMTRACE_UNWINDER": "3"], in: directory)
    #expect(run.ending == .exited(0))
    #expect(!run.errors.contains("memtrace: "), "\(run.errors)")
  }

  @Test func everyStackOfLibrariesInTurnIsTheOneLibunwindFinds() throws {
    let run = try runTraced(
      PluginFixtures.path(), ["turns", "30"], environment: ["MEMTRACE_UNWINDER": "3"])
    #expect(run.ending == .exited(0))
    #expect(run.errors == "")
  }

  /// An (ip, sp) that says nothing of the callers, which change in every way; the program's own
  /// books say how many blocks each way lost.
  @Test(arguments: ["-O0", "-O2"])
  func waysThatLookAlikeAreToldApart(_ optimization: String) throws {
    let run = try runTraced(
      Fixture(source: "paths.c", optimization: [optimization]).path(), ["40000", "11"])
    #expect(run.ending == .exited(0))
    var expected: [String: Int] = [:]
    for line in run.output.split(separator: "\n") {
      let numbers = line.split(separator: " ").compactMap { Int($0) }
      let way = try #require(numbers.first)
      let names = (0..<6).map { "way_\((way >> (3 * $0)) & 7)" }
      expected[names.reversed().joined(separator: " "), default: 0] += numbers[1]
    }
    #expect(expected.count > 50)
    var found: [String: Int] = [:]
    for site in try run.report().sites {
      let ways = site.functions.filter { $0.hasPrefix("way_") }
      guard ways.count == 6 else { continue }
      found[ways.joined(separator: " "), default: 0] += site.outstandingCount
    }
    #expect(found.filter { $0.value > 0 } == expected)
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
