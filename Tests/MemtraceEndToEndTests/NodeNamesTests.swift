// SPDX-License-Identifier: Apache-2.0
//
// JavaScript functions by name, file and line, as node itself has them in its stack traces: every kind
// of function, from every kind of script, however V8 runs it.

import Foundation
import Testing

@Suite(.enabled(if: Project.installed("node") != nil)) struct NodeNamesTests {
  private let node = Project.installed("node") ?? ""
  private let fixtures = "\(Project.fixtures)/node"
  private var witness: [String: String] { ["WITNESS": "\(fixtures)/witness.js"] }

  /// What a fixture prints for each block that it loses.
  private struct Loss: Decodable {
    let size: Int
    let name: String
    let file: String
    let line: Int
  }

  private func losses(_ output: String) throws -> [Loss] {
    try output.split(separator: "\n").filter { $0.hasPrefix("{") }
      .map { try JSONDecoder().decode(Loss.self, from: Data($0.utf8)) }
  }

  private func report(_ path: String) throws -> Report {
    try Report(onTrace: path, of: node, ["--only-image", "addon.node"])
  }

  private func runNode(
    _ arguments: [String], in directory: TemporaryDirectory? = nil, input: String = "/dev/null"
  ) throws -> TracedRun {
    let run = try runTraced(
      node, arguments, environment: witness, in: directory, input: input)
    #expect(run.ending == .exited(0))
    #expect(run.errors == "")
    return run
  }

  /// Demands that each loss is a site of its own with the very function below `lose`.
  private func expect(_ losses: [Loss], in report: Report) {
    for loss in losses {
      let sites = report.sites.filter { $0.outstandingBytes == loss.size }
      #expect(sites.map(\.outstandingCount) == [1], "\(loss)")
      let frames = sites.first?.stack.filter { $0.kind == "javascript" } ?? []
      #expect(frames.first?.function == "lose")
      guard frames.count > 1 else { continue }
      #expect(frames[1].function == loss.name, "\(loss)")
      #expect(frames[1].file == loss.file, "\(loss)")
      #expect(frames[1].line == loss.line, "\(loss)")
    }
  }

  @Test func everyKindOfFunctionHasTheNameNodeGivesIt() throws {
    let run = try runNode(["\(fixtures)/functions.js"])
    let losses = try losses(run.output)
    #expect(losses.count == 50)
    try expect(losses, in: report(run.directory.file("trace.bin")))
  }

  @Test func modulesHaveTheirFiles() throws {
    let run = try runNode(["\(fixtures)/module.mjs"])
    let losses = try losses(run.output)
    #expect(losses.count == 6)
    try expect(losses, in: report(run.directory.file("trace.bin")))
  }

  @Test func scriptsWithoutAFileHaveTheNameNodeGivesThem() throws {
    let directory = try TemporaryDirectory()
    let script = "function typed() { require(process.env.WITNESS).lose(); } typed();"
    let file = try directory.write(script.utf8, to: "script")
    for (arguments, name) in [(["-e", script], "[eval]"), (["-"], "[stdin]")] {
      let run = try runNode(arguments, input: file)
      let losses = try losses(run.output)
      #expect(losses.map(\.file) == [name])
      try expect(losses, in: report(run.directory.file("trace.bin")))
    }
  }

  @Test func workersHaveTheirNamesToo() throws {
    let script = """
      const { Worker } = require('worker_threads');
      const source = 'function typed() { require(process.env.WITNESS).lose(); } typed();';
      new Worker('\(fixtures)/functions.js');
      new Worker('\(fixtures)/functions.js', { execArgv: ['--no-warnings'] });
      new Worker('\(fixtures)/module.mjs');
      new Worker(source, { eval: true });
      """
    let run = try runNode(["-e", script])
    let losses = try losses(run.output)
    #expect(losses.count == 50 + 50 + 6 + 1)
    #expect(losses.filter { $0.file == "[worker eval]" }.map(\.name) == ["typed"])
    try expect(losses, in: report(run.directory.file("trace.bin")))
  }

  @Test func pathsWithSpacesAndLettersOfAnyScriptArePaths() throws {
    let directory = try TemporaryDirectory()
    let folder = directory.file("a b ü#%41")
    try FileManager.default.copyItem(atPath: fixtures, toPath: folder)
    for script in ["functions.js", "module.mjs"] {
      let run = try runNode(["\(folder)/\(script)"])
      let losses = try losses(run.output)
      #expect(losses.contains { $0.file == "\(folder)/\(script)" })
      try expect(losses, in: report(run.directory.file("trace.bin")))
    }
  }

  @Test(arguments: [false, true]) func namesTravelWithTheTrace(isKilled: Bool) throws {
    let scripts = try TemporaryDirectory()
    let folder = scripts.file("app")
    try FileManager.default.copyItem(atPath: fixtures, toPath: folder)
    let kill = isKilled ? "process.on('exit', () => process.kill(process.pid, 'SIGKILL'));" : ""
    let run = try runTraced(
      node, ["-e", "\(kill) require('\(folder)/functions.js')"], environment: witness)
    #expect(run.ending == (isKilled ? .killed(signal: SIGKILL) : .exited(0)))
    try FileManager.default.removeItem(atPath: folder)
    let elsewhere = try TemporaryDirectory()
    let copy = elsewhere.file("copied")
    try FileManager.default.moveItem(atPath: run.directory.file("trace.bin"), toPath: copy)
    let losses = try losses(run.output)
    #expect(losses.count == 50)
    let report = try report(copy)
    expect(losses, in: report)
    #expect(!FileManager.default.fileExists(atPath: "/tmp/perf-\(report.trace.pid).map"))
    #expect(try run.directory.names() == [])
  }

  @Test func theLineIsRightHoweverV8RunsTheFunction() throws {
    let app = "\(Project.root)/Examples/node-functions/app.js"
    let run = try runNode([app])
    // The mark behind JS: is V8's own word on how it runs a function.
    let trace = try Data(contentsOf: URL(fileURLWithPath: run.directory.file("trace.bin")))
    for name in ["JS:~loadConfig ", "JS:^open ", "JS:*handleUpload "] {
      #expect(trace.range(of: Data(name.utf8)) != nil, "\(name)")
    }
    #expect(trace.range(of: Data("JS:^loadConfig ".utf8)) == nil)
    let lines = try String(contentsOfFile: app, encoding: .utf8)
      .split(separator: "\n", omittingEmptySubsequences: false)
    let report = try report(run.directory.file("trace.bin"))
    for (name, start, bytes) in [
      ("loadConfig", "function loadConfig()", 100_000), ("open", "  open()", 400_000),
      ("handleUpload", "function handleUpload(", 2_000_000),
    ] {
      let line = try #require(lines.firstIndex { $0.hasPrefix(start) }) + 1
      let right = report.sites.filter { site in
        guard let frame = site.stack.first(where: { $0.kind == "javascript" }) else { return false }
        return frame.function == name && frame.file == app && frame.line == line
      }
      #expect(right.map(\.outstandingBytes).reduce(0, +) == bytes, "\(name)")
    }
    #expect(report.sites.map(\.outstandingBytes).reduce(0, +) == 2_500_000)
  }

  @Test func optimizedFunctionsOfEveryKindKeepTheirNames() throws {
    let count = 20_000
    let run = try runNode(["\(fixtures)/tiers.js", "\(count)"])
    let trace = try Data(contentsOf: URL(fileURLWithPath: run.directory.file("trace.bin")))
    let report = try report(run.directory.file("trace.bin"))
    let names = [
      "plain", "arrow", "later", "closed", "guarded", "spread", "method", "make", "get user",
      "steps",
    ]
    let script = "\(fixtures)/tiers.js"
    for name in names {
      let right = report.sites.filter { site in
        let frame = site.stack.first { $0.kind == "javascript" }
        return frame?.function == name && frame?.file == script
      }
      let share = right.map(\.outstandingBytes).reduce(0, +) * 100 / (count * 10)
      #expect(share >= 99, "\(name): \(share) %")
      let isOptimized = trace.range(of: Data("JS:*\(name) \(script)".utf8)) != nil
      #expect(isOptimized || name == "steps", "\(name)")
    }
    #expect(report.sites.map(\.outstandingBytes).reduce(0, +) == names.count * count * 10)
  }

  @Test func codeThatTookAnothersPlaceIsToldApart() throws {
    let count = 200
    let run = try runNode(["\(fixtures)/replaced.js", "\(count)"])
    let report = try report(run.directory.file("trace.bin"))
    var lost: [String: [Int]] = [:]
    let sites = report.sites.filter { $0.functions.first == "lose_block" }
    for site in sites {
      let frame = site.stack.first { $0.kind == "javascript" }
      lost[frame?.function ?? "?", default: []] += [site.outstandingBytes, site.outstandingCount]
    }
    #expect(lost.count == count)
    for number in 0..<count { #expect(lost["f\(number)"] == [1000 + number, 1]) }
    // Otherwise nothing was put to the test: the same addresses again and again.
    let addresses = sites.compactMap { $0.stack.first { $0.kind == "javascript" }?.address }
    #expect(Set(addresses).count < count)
  }
}
