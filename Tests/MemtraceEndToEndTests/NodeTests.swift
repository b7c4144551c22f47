// SPDX-License-Identifier: Apache-2.0
//
// node under the shim: its addons, its JavaScript functions by name, its workers and children.

import Foundation
import Testing

@Suite(.enabled(if: Project.installed("node") != nil)) struct NodeTests {
  private let node = Project.installed("node") ?? ""
  private let app = "\(Project.root)/Examples/node-addon/app.js"

  /// The sites of the addon alone: node itself has many thousands.
  private func addonReport(_ run: TracedRun, _ name: String = "trace.bin") throws -> Report {
    try run.report(name, ["--sort", "total", "--filter", "addon\\.node"])
  }

  /// Runs node under the shim and demands that nothing of it shows.
  private func runNode(_ arguments: [String], environment: [String: String] = [:]) throws
    -> TracedRun
  {
    let run = try runTraced(node, arguments, environment: environment)
    #expect(run.ending == .exited(0))
    #expect(run.errors == "")
    return run
  }

  @Test func theAddonsLeaksAreCountedByJavaScriptFunction() throws {
    let run = try runNode([app])
    #expect(run.output == "served 400 requests\n")
    let report = try addonReport(run)
    #expect(report.trace.unmatchedFrees == 0)
    let upload = report.sums(under: "lose_block", and: "handleUpload")
    #expect(upload.outstandingCount == 200)
    #expect(upload.outstandingBytes == 204_800)
    let login = report.sums(under: "lose_block", and: "handleLogin")
    #expect(login.outstandingCount == 100)
    #expect(login.outstandingBytes == 25_600)
    let ping = report.sums(under: "borrow_block", and: "handlePing")
    #expect(ping.outstandingCount == 0)
    #expect(ping.totalCount == 400)
    #expect(ping.totalBytes == 400 * 512)
  }

  @Test func javaScriptFramesHaveTheirFunctionFileAndLine() throws {
    let report = try addonReport(runNode([app]))
    let lines = try String(contentsOfFile: app, encoding: .utf8)
      .split(separator: "\n", omittingEmptySubsequences: false)
    for function in ["handleUpload", "handleLogin"] {
      let site = try #require(
        report.sites.first { $0.functions.first == "lose_block" && $0.functions.contains(function) }
      )
      let frame = try #require(site.stack.first { $0.name == function })
      #expect(frame.kind == "javascript")
      #expect(frame.file.map { $0.hasSuffix("Examples/node-addon/app.js") } == true)
      let declaration = try #require(lines.firstIndex { $0.contains("function \(function)()") })
      #expect(frame.line == declaration + 1)
      // Through node's C++ into the addon, and out to main.
      #expect(site.functions.contains("serve"))
      #expect(site.stack.last.map { $0.kind } == "native")
      #expect(site.functions.contains("lose"))
      #expect(site.functions.contains { $0 == "main" || $0 == "_start" })
    }
  }

  @Test func scriptsSeeNoSignOfTheShim() throws {
    let script = """
      console.log(process.env.NODE_OPTIONS, process.execArgv, process.argv.length);
      console.log(Object.keys(process.env).filter(k => !k.startsWith('MEMTRACE_') && k !== 'LD_PRELOAD').sort().join());
      console.log(require('child_process').execFileSync(process.execPath,
        ['-p', 'process.env.NODE_OPTIONS']).toString().trim());
      console.log(require('child_process').execSync('echo "<$NODE_OPTIONS>"').toString().trim());
      """
    for options in [nil, "--max-old-space-size=300"] {
      var environment = plainEnvironment
      environment["NODE_OPTIONS"] = options
      let plain = try run(node, ["-e", script], in: "/tmp", environment: environment)
      var added: [String: String] = [:]
      added["NODE_OPTIONS"] = options
      let traced = try runNode(["-e", script], environment: added)
      #expect(traced.output == plain.output)
    }
  }

  @Test func nothingIsLeftInTmp() throws {
    let run = try runNode([app])
    let pid = try addonReport(run).trace.pid
    #expect(!FileManager.default.fileExists(atPath: "/tmp/perf-\(pid).map"))
    #expect(try run.directory.names().filter { !$0.hasPrefix("trace") } == [])
  }

  @Test func aPerfMapThatIsAskedForIsWritten() throws {
    let script = "console.log(process.pid)"
    let run = try runNode(["--perf-basic-prof", "-e", script])
    let map = "/tmp/perf-\(run.output.prefix { $0.isNumber }).map"
    #expect(try String(contentsOfFile: map, encoding: .utf8).contains("evalScript"))
    try FileManager.default.removeItem(atPath: map)
  }

  @Test func aKilledNodeStillHasItsJavaScriptNames() throws {
    let run = try runTraced(
      node, ["-e", "require('\(app)'); process.kill(process.pid, 'SIGKILL')"])
    #expect(run.ending == .killed(signal: SIGKILL))
    let report = try addonReport(run)
    #expect(report.sums(under: "lose_block", and: "handleUpload").outstandingBytes == 204_800)
    #expect(report.sums(under: "lose_block", and: "handleLogin").outstandingBytes == 25_600)
  }

  @Test func workersLeaksAreInTheSameTrace() throws {
    let script = """
      const { Worker } = require('worker_threads');
      const addon = \(addonPath);
      const source = `const addon = require(${JSON.stringify(addon)});
        function workerLoses() { addon.lose(333); }
        for (let i = 0; i < 50; i++) workerLoses();`;
      let left = 4;
      for (let i = 0; i < 4; i++)
        new Worker(source, { eval: true }).on('exit', code => {
          if (code === 0 && --left === 0) console.log('done');
        });
      """
    let run = try runNode(["-e", script])
    #expect(run.output == "done\n")
    let report = try addonReport(run)
    #expect(report.trace.unmatchedFrees == 0)
    let lost = report.sums(under: "lose_block", and: "workerLoses")
    #expect(lost.outstandingCount == 200)
    #expect(lost.outstandingBytes == 200 * 333)
    #expect(try run.traceNames() == ["trace.bin"])
  }

  @Test func forkedNodesHaveTracesOfTheirOwn() throws {
    let directory = try TemporaryDirectory()
    let script = """
      const addon = require(\(addonPath));
      function childLoses() { addon.lose(444); }
      if (process.argv[2] === 'child') {
        for (let i = 0; i < 30; i++) childLoses();
      } else {
        const child = require('child_process').fork(__filename, ['child']);
        child.on('exit', code => console.log(child.pid, code));
      }
      """
    let file = try directory.write(script.utf8, to: "forks.js")
    let run = try runTraced(node, [file], in: directory)
    #expect(run.ending == .exited(0))
    let answer = run.output.split(whereSeparator: \.isWhitespace)
    #expect(answer.count == 2)
    #expect(answer.last == "0")
    let child = try addonReport(run, "trace.\(answer.first ?? "").bin")
    #expect(child.sums(under: "lose_block", and: "childLoses").outstandingBytes == 30 * 444)
    #expect(try addonReport(run).sums(under: "lose_block") == Sums())
  }

  @Test func memtraceJSZeroRecordsWithoutNames() throws {
    let run = try runNode([app], environment: ["MEMTRACE_JS": "0"])
    let lost = try addonReport(run).sums(under: "lose_block")
    #expect(lost.outstandingCount == 300)
    #expect(lost.outstandingBytes == 230_400)
  }

  private var addonPath: String { "'\(Project.root)/build/examples/node-addon/addon.node'" }
}
