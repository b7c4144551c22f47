// SPDX-License-Identifier: Apache-2.0
//
// The npm module of NodeModule/, by its own tests, which node's test runner runs under the shim; and
// addons beside it, that register in every way there is.

import Foundation
import Testing

@Suite(.enabled(if: Project.installed("node") != nil)) struct NodeModuleTests {
  private let node = Project.installed("node") ?? ""

  /// Runs one file of NodeModule/test and demands that every test in it passes.
  private func expectPass(_ name: String, isTraced: Bool = true) throws {
    let file = "\(Project.root)/NodeModule/test/\(name).test.js"
    let directory = try TemporaryDirectory()
    let environment = ["MEMTRACE_COMMAND": Project.command, "BUILD": "\(Project.root)/build"]
    let result = try run(
      node, ["--test", "--test-reporter", "tap", file], in: directory.path,
      environment: isTraced
        ? tracedEnvironment(environment) : plainEnvironment.merging(environment) { $1 })
    #expect(result.ending == .exited(0), "\(result.output)\(result.errors)")
    #expect(result.output.contains("\n# fail 0\n"), "\(result.output)")
    #expect(!result.output.contains("\n# pass 0\n"), "\(result.output)")
  }

  @Test func theModuleWritesIntoTheTrace() throws { try expectPass("module") }

  @Test func withoutTheShimTheModuleSaysSo() throws {
    try expectPass("untraced", isTraced: false)
  }

  /// An addon whose static constructor registers `napi_register_module_v1`, as node's own headers made
  /// it until version 20.3: the loader must not find another function of that name first.
  @Test func anAddonThatRegistersItselfIsNotTakenForOurModule() throws {
    let addon = try Fixture(
      source: "addon_constructor.c", flags: ["-fPIC", "-shared"], product: "constructor.node"
    ).path()
    let script = """
      const keys = (path) => Object.keys(require(path)).join();
      console.log(keys('\(addon)'), keys('\(Project.root)/build/examples/node-addon/addon.node'));
      new (require('worker_threads').Worker)(
        `console.log(Object.keys(require('\(addon)')).join())`, { eval: true });
      """
    let run = try runTraced(node, ["-e", script])
    #expect(run.errors == "")
    #expect(run.output == "registeredByConstructor lose,borrow\nregisteredByConstructor\n")
  }
}
