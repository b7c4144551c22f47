// SPDX-License-Identifier: Apache-2.0
//
// NODE_OPTIONS is the user's: what they set there stays in force and is what programs and their children
// see, though node is asked for the names of its functions in the same breath.

import Foundation
import Testing

@Suite(.enabled(if: Project.installed("node") != nil)) struct NodeOptionsTests {
  private let node = Project.installed("node") ?? ""

  /// Runs node without the shim and with it, and demands that nobody could tell.
  @discardableResult private func expectNoDifference(
    _ arguments: [String], options: String?, in directory: TemporaryDirectory? = nil,
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws -> TracedRun {
    var environment: [String: String] = [:]
    environment["NODE_OPTIONS"] = options
    let directory = try directory ?? TemporaryDirectory()
    let plain = try run(
      node, arguments, in: directory.path,
      environment: plainEnvironment.merging(environment) { $1 })
    let traced = try runTraced(node, arguments, environment: environment, in: directory)
    #expect(traced.ending == plain.ending, sourceLocation: sourceLocation)
    #expect(traced.output == plain.output, sourceLocation: sourceLocation)
    #expect(traced.errors == plain.errors, sourceLocation: sourceLocation)
    return traced
  }

  @Test(arguments: [
    nil, "", "  ", "--max-old-space-size=123", "--stack-trace-limit=3 --no-warnings",
    "--interpreted-frames-native-stack", "--jitless", "--disable-proto=delete",
    "--require ./preload.js", "--require \"./a b.js\"", "--title=renamed", "--conditions=x",
    // What node does not take, it does not take under the shim either, and says so alike.
    "--bogus", "--no-opt", "--require \"./a b", "-e 1",
  ])
  func whatTheUserSetStaysInForce(options: String?) throws {
    let directory = try TemporaryDirectory()
    for name in ["preload.js", "a b.js"] {
      try directory.write("globalThis.preloaded = '\(name)';".utf8, to: name)
    }
    let script = """
      console.log(process.env.NODE_OPTIONS, process.execArgv, process.argv.length, process.title,
        Error.stackTraceLimit, v8.getHeapStatistics().heap_size_limit, globalThis.preloaded,
        Object.getOwnPropertyDescriptor(Object.prototype, '__proto__'));
      """
    try expectNoDifference(["-e", script], options: options, in: directory)
  }

  @Test(arguments: [nil, "--max-old-space-size=123"])
  func workersAndChildrenSeeWhatTheUserSet(options: String?) throws {
    let script = """
      const { execFileSync, execSync, spawnSync } = require('child_process');
      const { Worker, SHARE_ENV } = require('worker_threads');
      const print = 'console.log(process.env.NODE_OPTIONS, process.execArgv.length)';
      const say = (text) => console.log(String(text).trim());
      say(execFileSync(process.execPath, ['-e', print]));
      say(execSync('echo "<$NODE_OPTIONS>"'));
      say(execFileSync(process.execPath, ['-e', print], { env: { ...process.env, NODE_OPTIONS: '--no-warnings' } }));
      say(spawnSync(process.execPath, ['-e', print], { env: {} }).stdout);
      process.env.NODE_OPTIONS = '--title=mine';
      say(execFileSync(process.execPath, ['-p', 'process.title + process.env.NODE_OPTIONS']));
      delete process.env.NODE_OPTIONS;
      say(execFileSync(process.execPath, ['-e', print]));
      new Worker(print, { eval: true, env: SHARE_ENV }).on('exit', () =>
        new Worker(print, { eval: true, env: { NODE_OPTIONS: '--no-warnings' }, execArgv: [] }));
      """
    try expectNoDifference(["-e", script], options: options)
  }

  @Test func clustersWork() throws {
    let directory = try TemporaryDirectory()
    let script = """
      const cluster = require('cluster');
      if (cluster.isPrimary) {
        let left = 2;
        for (let i = 0; i < 2; i++) cluster.fork({ NUMBER: i }).on('exit', (code) => {
          if (--left === 0) console.log('done', code);
        });
      } else {
        process.exit(process.env.NODE_OPTIONS === '--no-warnings' ? 0 : 1);
      }
      """
    try directory.write(script.utf8, to: "cluster.js")
    try expectNoDifference(["cluster.js"], options: "--no-warnings", in: directory)
  }

  @Test(arguments: [
    ["--version"], ["--check", "empty.js"], ["empty.js"], ["-h"],
  ])
  func whateverNodeIsAskedToDoItDoes(arguments: [String]) throws {
    let directory = try TemporaryDirectory()
    try directory.write("".utf8, to: "empty.js")
    try expectNoDifference(arguments, options: nil, in: directory)
  }

  /// V8 takes compiled code from a cache or a snapshot only if its flags are those that it was made with.
  @Test(arguments: [nil, "--max-old-space-size=123", "--stack-trace-limit=3"])
  func compiledCodeKeptFromEarlierIsTaken(options: String?) throws {
    let directory = try TemporaryDirectory()
    // Kept once without the shim and once under it, after the function has run.
    let keep = """
      const script = new vm.Script('(function kept(n) { return n + 1; })');
      if (script.runInThisContext()(1) !== 2) process.exit(3);
      fs.writeFileSync(process.argv[1], script.createCachedData());
      """
    var environment = plainEnvironment
    environment["NODE_OPTIONS"] = options
    let plain = try run(
      node, ["-e", keep, "plain.cache"], in: directory.path, environment: environment)
    #expect(plain.ending == .exited(0))
    environment = ["NODE_OPTIONS": options ?? ""]
    let traced = try runTraced(
      node, ["-e", keep, "traced.cache"], environment: environment, in: directory)
    #expect(traced.ending == .exited(0))
    let take = """
      const cachedData = fs.readFileSync(process.argv[1]);
      const script = new vm.Script('(function kept(n) { return n + 1; })', { cachedData });
      console.log(script.cachedDataRejected, script.runInThisContext()(1), v8.cachedDataVersionTag());
      new worker_threads.Worker('console.log(require("v8").cachedDataVersionTag())', { eval: true });
      """
    for cache in ["plain.cache", "traced.cache"] {
      let taken = try expectNoDifference(["-e", take, cache], options: options, in: directory)
      #expect(taken.output.hasPrefix("false 2 "))
    }
  }

  @Test(arguments: [false, true]) func snapshotsOfTheUserWork(isBuiltUnderTheShim: Bool) throws {
    let directory = try TemporaryDirectory()
    try directory.write(
      """
      function hot(n) { let sum = 0; for (let i = 0; i < n; i++) sum += i % 7; return sum; }
      let sum = 0;
      for (let i = 0; i < 2000; i++) sum += hot(1000);
      require('v8').startupSnapshot.setDeserializeMainFunction(() =>
        console.log(sum, hot(1e6), require('zlib').deflateSync(Buffer.alloc(1e5)).length));
      """.utf8, to: "entry.js")
    let build = ["--snapshot-blob", "blob", "--build-snapshot", "entry.js"]
    let built =
      isBuiltUnderTheShim
      ? try runTraced(node, build, in: directory).ending
      : try run(node, build, in: directory.path, environment: plainEnvironment).ending
    #expect(built == .exited(0))
    let traced = try expectNoDifference(["--snapshot-blob", "blob"], options: nil, in: directory)
    #expect(traced.ending == .exited(0))
    #expect(traced.output.hasSuffix(" 2999997 120\n"))
  }

  @Test func aMapAskedForInNodeOptionsIsWrittenAndTheNamesAreInTheTraceAsWell() throws {
    let addon = "\(Project.root)/build/examples/node-addon/addon.node"
    let script = "(function typed() { require('\(addon)').lose(77); })(); console.log(process.pid)"
    let run = try runTraced(
      node, ["-e", script], environment: ["NODE_OPTIONS": "--perf-basic-prof"])
    #expect(run.ending == .exited(0))
    let map = "/tmp/perf-\(run.output.prefix { $0.isNumber }).map"
    #expect(try String(contentsOfFile: map, encoding: .utf8).contains("typed [eval]:1"))
    try FileManager.default.removeItem(atPath: map)
    let report = try run.report("trace.bin", ["--filter", "typed"])
    #expect(report.sums(under: "lose_block", and: "typed").outstandingBytes == 77)
  }
}
