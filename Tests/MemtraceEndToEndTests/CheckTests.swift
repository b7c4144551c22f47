// SPDX-License-Identifier: Apache-2.0
//
// `memtrace check` and `run --check` on real programs: what must fail, what must pass, and the numbers.

import Foundation
import Testing

@Suite struct CheckTests {
  private static let batches = Fixture(source: "batches.c")
  private static let growthOptions = ["--batch-marks", "batch", "--iterations", "100"]

  private func growth(
    _ run: TracedRun, _ options: [String] = []
  ) throws -> (status: Ending, growth: [String: Any]) {
    let result = try runCommand(
      ["check", "--format", "json"] + Self.growthOptions + options
        + [run.directory.file("trace.bin")])
    let json = try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any]
    return (result.ending, json?["growth"] as? [String: Any] ?? [:])
  }

  private func sites(_ growth: [String: Any]) -> [String: [String: Any]] {
    var sites: [String: [String: Any]] = [:]
    for site in growth["sites"] as? [[String: Any]] ?? [] {
      let stack = site["stack"] as? [[String: Any]] ?? []
      sites[stack.first?["function"] as? String ?? ""] = site
    }
    return sites
  }

  @Test(arguments: [(5, 10), (8, 0), (8, 200), (20, 3)])
  func whatGrowsIsFoundWithExactCountsAndNothingElse(batchCount: Int, warmUp: Int) throws {
    let run = try runTraced(
      Self.batches.path(), ["\(batchCount)", "100", "\(warmUp)"])
    let (status, growth) = try growth(run)
    #expect(status == .exited(1))
    let sites = sites(growth)
    #expect(Set(sites.keys) == ["lose_seldom", "keep_until_exit", "swell"])
    #expect(sites["lose_seldom"]?["bytesPerIteration"] as? Double == 0.24)
    #expect(sites["lose_seldom"]?["blocksPerIteration"] as? Double == 0.01)
    #expect(sites["lose_seldom"]?["count"] as? Int == batchCount)
    #expect(sites["lose_seldom"]?["bytes"] as? Int == batchCount * 24)
    #expect(sites["keep_until_exit"]?["count"] as? Int == batchCount * 100)
    #expect(sites["swell"]?["bytesPerIteration"] as? Double == 16)
    let batches = sites["keep_until_exit"]?["batches"] as? [[String: Int]]
    #expect(
      batches == Array(repeating: ["bytes": 4000, "count": 100], count: batchCount))
    #expect(growth["bytesPerIteration"] as? Double == 56.24)
  }

  @Test func growthHasALimitAndSuppressions() throws {
    let run = try runTraced(Self.batches.path(), ["5", "100", "10"])
    #expect(try growth(run, ["--max-growth", "56.24"]).status == .exited(0))
    #expect(try growth(run, ["--max-growth", "56.2/iteration"]).status == .exited(1))
    #expect(try growth(run, ["--max-site-growth", "40"]).status == .exited(0))
    #expect(try growth(run, ["--max-site-growth", "39.9"]).status == .exited(1))
    #expect(try growth(run, ["--only-image", "*.node"]).status == .exited(0))
    let file = run.directory.file("known.supp")
    try "leak:lose_seldom\nleak:keep_until_exit\nleak:swell\n".write(
      toFile: file, atomically: true, encoding: .utf8)
    #expect(try growth(run, ["--suppressions", file]).status == .exited(0))
  }

  // MARK: What is outstanding at the end

  private func check(
    _ options: [String], in directory: TemporaryDirectory, environment: [String: String] = [:]
  ) throws -> ProgramResult {
    try runCommand(["check"] + options, in: directory.path, environment: environment)
  }

  private func runCheck(
    _ command: [String], _ options: [String] = [], in directory: TemporaryDirectory
  ) throws -> ProgramResult {
    try runCommand(["run", "--check"] + options + ["--"] + command, in: directory.path)
  }

  @Test func aProgramThatFreesAllPassesAndOneThatDoesNotFails() throws {
    let directory = try TemporaryDirectory()
    let passed = try runCheck([Project.example("no-leak")], in: directory)
    #expect(passed.ending == .exited(0))
    #expect(passed.errors.contains("passed  nothing leaked"))
    #expect(passed.errors.hasSuffix("memtrace: checked 1 process, its trace is trace.bin\n"))
    let failed = try runCheck([Project.example("one-leak")], in: directory)
    #expect(failed.ending == .exited(1))
    #expect(failed.errors.contains("in 1 block leaked"))
    #expect(failed.errors.contains("one-leak.c:"))
    // Again, from the trace.
    let again = try check([], in: directory)
    #expect(again.ending == .exited(1))
    #expect(again.output.hasPrefix("FAILED  "))
    #expect(again.errors == "")
  }

  @Test func limitsAreHeldInTotalAndByStack() throws {
    let directory = try TemporaryDirectory()
    let program = try Fixture(source: "dies.c").path()
    _ = try runTraced(program, ["exit"], in: directory)
    // 300 blocks of 40 bytes, and 1 of 123,456.
    for (options, passes) in [
      (["--max-leak-bytes", "135456"], true), (["--max-leak-bytes", "135455"], false),
      (["--max-leak-blocks", "301"], true), (["--max-leak-blocks", "300"], false),
      (["--max-site-leak-bytes", "123456"], true), (["--max-site-leak-bytes", "123455"], false),
      (["--max-site-leak-blocks", "300"], true), (["--max-site-leak-blocks", "299"], false),
      (["--max-peak-bytes", "1M"], true), (["--max-peak-bytes", "100K"], false),
      (["--max-site-peak-bytes", "123456"], true), (["--max-site-peak-bytes", "123455"], false),
      (["--only-image", "*.node"], true), (["--only-image", "dies"], false),
      (["--max-leak-bytes", "1G", "--max-leak-blocks", "1"], false),
    ] {
      let result = try check(options, in: directory)
      #expect(result.ending == .exited(passes ? 0 : 1), "\(options) \(result.output)")
    }
  }

  @Test func severalTracesAreOneResult() throws {
    let directory = try TemporaryDirectory()
    let result = try runCheck(
      [Project.example("fork-children")], ["--json", "r.json"], in: directory)
    #expect(result.ending == .exited(1))
    let json = try directory.json("r.json")
    let processes = try #require(json["processes"] as? [[String: Any]])
    #expect(processes.count > 1)
    let traces = try directory.names().filter { $0.hasPrefix("trace.") && $0.hasSuffix(".bin") }
    #expect(processes.count == traces.count)
    let found = "memtrace: checked \(traces.count) processes, traces at trace.bin and trace.*.bin\n"
    #expect(result.errors.hasSuffix(found), "\(result.errors)")
    let together = try check(["--format", "json"] + traces, in: directory)
    let bytes = { (json: [String: Any]) in (json["leaks"] as? [String: Any])?["bytes"] as? Int }
    let again = try JSONSerialization.jsonObject(with: Data(together.output.utf8))
    #expect(bytes(json) == bytes(again as? [String: Any] ?? [:]))
  }

  @Test func theProgramsOwnFailureCountsMore() throws {
    let directory = try TemporaryDirectory()
    let result = try runCheck(["sh", "-c", "exit 7"], in: directory)
    #expect(result.ending == .exited(7))
    let passed = try runCheck(["sh", "-c", "true; true"], in: directory)
    #expect(passed.ending == .exited(0), "\(passed.errors)")
    let missing = try runCheck(["/nonexistent"], in: directory)
    #expect(missing.ending == .exited(127))
  }

  @Test(arguments: ["segv", "kill"])
  func aProcessThatDiedIsNoPass(how: String) throws {
    let directory = try TemporaryDirectory()
    let program = try Fixture(source: "dies.c").path()
    let result = try runCheck(
      [program, how], ["--junit", "j.xml", "--json", "r.json"], in: directory)
    guard case .exited(let status) = result.ending else {
      Issue.record("\(result.ending)")
      return
    }
    #expect(status > 128)
    #expect(result.errors.contains(how == "segv" ? "crashed (SIGSEGV)" : "was killed (SIGKILL)"))
    let xml = try directory.text("j.xml")
    #expect(xml.contains("errors=\"1\""))
    #expect(xml.contains("type=\"died\""))
    let json = try directory.json("r.json")
    #expect(json["passed"] as? Bool == false)
    // What it would have freed is not said to have leaked.
    #expect((json["leaks"] as? [String: Any])?["bytes"] as? Int == 0)
    #expect(try check([], in: directory).ending == .exited(1))
    #expect(try check(["--allow-killed"], in: directory).ending == .exited(0))
  }

  // MARK: Files

  @Test func filesThatCannotBeUsedAreSaidWithTheirLineBeforeTheProgramRuns() throws {
    let directory = try TemporaryDirectory()
    for (name, text, line) in [
      ("a.supp", "leak:f\nnonsense\n", 2), ("b.supp", "{\nname\n", 3),
      ("c.json", "{\n\"schema\": \"memtrace-baseline/1\",\n\"sites\": [3]\n}", 3),
      ("d.json", "{\n", 2), ("e.json", "[]", 1),
    ] {
      try text.write(toFile: directory.file(name), atomically: true, encoding: .utf8)
      let option = name.hasSuffix(".supp") ? "--suppressions" : "--baseline"
      let result = try runCheck(["touch", "ran"], [option, name], in: directory)
      #expect(result.ending == .exited(65), "\(name): \(result.errors)")
      #expect(result.errors.hasPrefix("memtrace: \(name):\(line): "), "\(result.errors)")
      #expect(result.errors.filter { $0 == "\n" }.count == 1)
    }
    let missing = try runCheck(["touch", "ran"], ["--baseline", "missing"], in: directory)
    #expect(missing.ending == .exited(66))
    #expect(try !directory.names().contains("ran"))
  }

  @Test func aBaselineSurvivesARebuildAndSeesWhatIsNew() throws {
    let directory = try TemporaryDirectory()
    let source = directory.file("p.c")
    func build(_ leaks: [String: Int], _ options: [String], padding: Int) throws {
      let lines = leaks.keys.sorted().map {
        "__attribute__((noinline)) void \($0)(int n) { while (n--) *(volatile char *)malloc(40) = 1; }"
      }
      let calls = leaks.sorted { $0.key < $1.key }.map { "\($0.key)(\($0.value));" }.joined()
      try
        ("#include <stdlib.h>\n" + String(repeating: "\n", count: padding)
        + lines.joined(separator: "\n") + "\nint main() { \(calls) return 0; }\n")
        .write(toFile: source, atomically: true, encoding: .utf8)
      let result = try run(
        "/usr/bin/cc", ["-g", "-fno-builtin", "-o", directory.file("p"), source] + options,
        in: directory.path)
      #expect(result.ending == .exited(0), "\(result.errors)")
    }
    let options = ["--baseline", "base.json"]
    try build(["old": 3, "gone": 2], ["-O0"], padding: 0)
    let written = try runCheck(["./p"], options + ["--update-baseline"], in: directory)
    #expect(written.ending == .exited(0))
    let baseline = try directory.text("base.json")
    #expect(baseline.contains("\"old (p)\""))
    #expect(try runCheck(["./p"], options, in: directory).ending == .exited(0))
    // Elsewhere in the file, another optimization, another address.
    try build(["old": 3], ["-O2", "-fno-optimize-sibling-calls"], padding: 40)
    let rebuilt = try runCheck(["./p"], options, in: directory)
    #expect(rebuilt.ending == .exited(0), "\(rebuilt.errors)")
    #expect(rebuilt.errors.contains("gone since the baseline: 80 B in 2 blocks gone (p)"))
    try build(["old": 4], ["-O0"], padding: 0)
    let grown = try runCheck(["./p"], options, in: directory)
    #expect(grown.ending == .exited(1))
    #expect(grown.errors.contains("more than the baseline's 120 B in 3 blocks"))
    try build(["old": 3, "fresh": 1], ["-O0"], padding: 0)
    let new = try runCheck(["./p"], options, in: directory)
    #expect(new.ending == .exited(1))
    #expect(new.errors.contains("40 B in 1 block leaked, not in the baseline"))
    // The same again is the same file.
    try build(["old": 3, "gone": 2], ["-O0"], padding: 9)
    _ = try runCheck(["./p"], options + ["--update-baseline"], in: directory)
    #expect(try directory.text("base.json") == baseline)
  }

  @Test(arguments: [
    ["check", "--iterations", "3"], ["check", "--batch-marks", "b"],
    ["check", "--max-growth", "1"],
    ["check", "--update-baseline"], ["check", "--only-image", ""], ["check", "--max-growth", "x"],
    ["run", "--max-leak-bytes", "1", "true"], ["run", "--junit", "x", "true"],
    ["check", "--format", "xml"], ["check", "--batch-marks", "b", "--iterations", "0"],
  ])
  func wrongUsageIs64(arguments: [String]) throws {
    let result = try runCommand(arguments, in: "/tmp")
    #expect(result.ending == .exited(64), "\(result.errors)")
    #expect(result.errors.filter { $0 == "\n" }.count == 1)
  }
}

extension TemporaryDirectory {
  func text(_ name: String) throws -> String {
    try String(contentsOfFile: file(name), encoding: .utf8)
  }

  func json(_ name: String) throws -> [String: Any] {
    let data = try Data(contentsOf: URL(fileURLWithPath: file(name)))
    return try JSONSerialization.jsonObject(with: data) as? [String: Any] ?? [:]
  }
}
