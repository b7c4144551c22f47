// SPDX-License-Identifier: Apache-2.0
//
// `run --check` on node: no leak where there is none, and each that an add-on can make, blamed on the
// add-on, also where the block is allocated in node's own code.

import Foundation
import Testing

@Suite(.enabled(if: Project.installed("node") != nil)) struct CheckNodeTests {
  private static let addon = Fixture(
    source: "addon_leaks.c", flags: ["-fPIC", "-shared"] + nodeHeaders, product: "leaks.node")

  private static let nodeHeaders: [String] = {
    let result = try? run(Project.root + "/.ci/node-headers", [], in: Project.root)
    let folder = result?.output.split(separator: "\n").first.map(String.init)
    return folder.map { ["-isystem", $0] } ?? []
  }()

  private func check(
    _ arguments: [String], _ options: [String] = [], in directory: TemporaryDirectory? = nil
  ) throws -> (result: ProgramResult, json: [String: Any]) {
    let directory = try directory ?? TemporaryDirectory()
    let result = try runCommand(
      ["run", "--check", "--json", "r.json"] + options + ["--", "node"] + arguments,
      in: directory.path)
    return (result, try directory.json("r.json"))
  }

  private func script(_ body: String) throws -> [String] {
    let path = try Self.addon.path().replacing("'", with: "\\'")
    return ["-e", "const addon = require('\(path)'); \(body)"]
  }

  private func leaks(_ json: [String: Any]) -> [[String: Any]] {
    (json["leaks"] as? [String: Any])?["sites"] as? [[String: Any]] ?? []
  }

  @Test func nodeAloneLeaksNothing() throws {
    let (result, json) = try check(["-e", "0"])
    #expect(result.ending == .exited(0), "\(result.errors)")
    #expect(leaks(json).isEmpty)
    let all = try check(["-e", "0"], ["--no-builtin-suppressions"])
    #expect(all.result.ending == .exited(1))
    #expect(leaks(all.json).count > 10)
  }

  @Test(arguments: [
    "addon.hello()", "for (let i = 0; i < 1000; i++) addon.nothing(i)",
    "addon.hello(); process.exit(0)",
    "require('zlib').gzipSync(Buffer.alloc(9999)); require('crypto').randomBytes(9); addon.hello()",
    "new (require('worker_threads').Worker)('1 + 1', { eval: true })",
    "require('child_process').execFileSync('sh', ['-c', 'ls / | head -2'])",
  ])
  func whatLosesNothingPasses(body: String) throws {
    let (result, json) = try check(script(body))
    #expect(result.ending == .exited(0), "\(result.errors)")
    #expect(leaks(json).isEmpty)
  }

  @Test func nodesTestRunnerWithOneTestPasses() throws {
    let directory = try TemporaryDirectory()
    try "require('node:test')('one', () => { require(process.env.ADDON ?? 'fs'); });".write(
      toFile: directory.file("one.test.js"), atomically: true, encoding: .utf8)
    let (result, json) = try check(["--test", "one.test.js"], in: directory)
    #expect(result.ending == .exited(0), "\(result.errors)")
    #expect((json["processes"] as? [Any])?.count == 2)
  }

  @Test(
    arguments: [
      ("addon.lose(77)", "lose", 77), ("addon.reference()", "reference", nil),
      ("addon.persistent({ i })", "persistent", nil), ("addon.buffer(1000)", "buffer", 1000),
    ] as [(String, String, Int?)])
  func whatAnAddonLosesIsCountedAndBlamedOnIt(call: String, function: String, size: Int?) throws {
    let (result, json) = try check(
      script("function work() { for (let i = 0; i < 50; i++) \(call); } work();"),
      ["--only-image", "*.node"])
    #expect(result.ending == .exited(1), "\(result.errors)")
    let site = try #require(leaks(json).first)
    #expect(leaks(json).count == 1)
    #expect(site["count"] as? Int == 50)
    if let size { #expect(site["bytes"] as? Int == 50 * size) }
    #expect((site["nativeFrame"] as? [String: Any])?["function"] as? String == function)
    #expect((site["javascriptFrame"] as? [String: Any])?["function"] as? String == "work")
    #expect(result.errors.contains("at work ("))
  }

  @Test func anAddonThatCrashesIsNoPass() throws {
    let (result, json) = try check(script("addon.hello(); addon.crash()"))
    #expect(result.ending == .exited(139), "\(result.errors)")
    let failures = json["failures"] as? [[String: Any]] ?? []
    #expect(failures.map { $0["kind"] as? String } == ["died"])
  }
}
