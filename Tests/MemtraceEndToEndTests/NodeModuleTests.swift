// SPDX-License-Identifier: Apache-2.0
//
// The npm module of NodeModule/, by its own tests, which node's test runner runs under the shim; and
// addons beside it, that register in every way there is.

import Foundation
import Testing

@Suite(.enabled(if: Project.installed("node") != nil)) struct NodeModuleTests {
  private let node = Project.installed("node") ?? ""

  @Test func theModuleWritesIntoTheTrace() throws { try NodeSuite.expectPass("module") }

  @Test func withoutTheShimTheModuleSaysSo() throws {
    try NodeSuite.expectPass("untraced", isTraced: false)
    try NodeSuite.expectPass("stack", isTraced: false)
  }

  @Test func everySeededLeakIsFoundWithItsSizeAndItsFunction() throws {
    try NodeSuite.expectPass("leaks")
  }

  @Test func workersAndChildrenMeasureAsWell() throws { try NodeSuite.expectPass("workers") }

  /// `make long-test` asks for 200.
  @Test func whatIsNoLeakIsNeverTakenForOne() throws {
    for _ in 0..<(NodeSuite.isLong ? 200 : 10) { try NodeSuite.expectPass("clean") }
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

  @Test(.enabled(if: Project.installed("tsc") != nil)) func theTypesAreThoseOfTheModule() throws {
    let result = try run(
      Project.installed("tsc") ?? "", ["-p", "NodeModule/test/types"], in: Project.root)
    #expect(result.ending == .exited(0), "\(result.output)")
  }

  @Test func everythingThatIsPackedIsThere() throws {
    struct Description: Decodable {
      let files: [String]
      let main, types: String
    }
    let folder = "\(Project.root)/NodeModule"
    let bytes = try Data(contentsOf: URL(fileURLWithPath: "\(folder)/package.json"))
    let description = try JSONDecoder().decode(Description.self, from: bytes)
    for file in description.files + [description.main, description.types] where file != "LICENSE" {
      #expect(FileManager.default.fileExists(atPath: "\(folder)/\(file)"), "\(file)")
    }
  }

  /// With each way of running files that mocha has: in its own process, and in workers of its own.
  @Test(.enabled(if: Project.installed("mocha") != nil), arguments: [[], ["--parallel"]])
  func inMochaItIsAFunctionThatThrows(options: [String]) throws {
    let result = try NodeSuite.runNode(
      [Project.installed("mocha") ?? "", "--timeout", "60000", "--reporter", "json"] + options
        + ["\(Project.root)/NodeModule/test/runners/suite.js"],
      // Where Debian has mocha's own modules.
      environment: NodeSuite.environment(["NODE_PATH": "/usr/share/nodejs"]))
    #expect(result.ending == .exited(1), "\(result.errors)")
    #expect(result.output.contains(#""passes": 1"#), "\(result.output)")
    #expect(result.output.contains(#""failures": 1"#), "\(result.output)")
    #expect(result.output.contains("ERR_MEMTRACE_LEAK"), "\(result.output)")
    #expect(result.output.contains("lose_block"), "\(result.output)")
  }
}
