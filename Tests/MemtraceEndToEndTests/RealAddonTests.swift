// SPDX-License-Identifier: Apache-2.0
//
// Addons that Debian packages, unpacked into build/debian-addons: what memtrace says of them, and
// whether valgrind says the same.

import Foundation
import Testing

@Suite(.enabled(if: RealAddons.libraries != nil, "the addons need node, apt and a network"))
struct RealAddonTests {
  @Test func workloadsKeepNothingAndForgottenStatementsAreFound() throws {
    try NodeSuite.expectPass("real-addons", environment: RealAddons.environment)
  }

  /// Valgrind finds nothing definitely lost through the addon's file, as memtrace finds nothing.
  ///
  /// It takes 20 seconds for each, so it is for `make long-test`.
  @Test(
    .enabled(if: NodeSuite.isLong && Project.installed("valgrind") != nil),
    arguments: [("sqlite3", "20"), ("iconv", "60"), ("websocket", "200")])
  func valgrindFindsNothingDefinitelyLostEither(name: String, count: String) throws {
    let result = try NodeSuite.runNode(
      ["\(Project.root)/NodeModule/test/addons/plain.js", name, count],
      environment: plainEnvironment.merging(RealAddons.environment) { $1 },
      through: [
        Project.installed("valgrind") ?? "", "--leak-check=full", "--show-leak-kinds=definite",
        "--undef-value-errors=no",
      ])
    #expect(result.ending == .exited(0), "\(result.errors)")
    #expect(result.errors.contains("definitely lost:"), "\(result.errors)")
    let lost = result.errors.components(separatedBy: "are definitely lost").dropFirst()
    // A record ends at an empty line. Registering an addon costs a block, once.
    let records = lost.map { $0.components(separatedBy: "== \n").first ?? "" }
    #expect(records.filter { $0.contains(".node)") && !$0.contains("napi_module_register") } == [])
  }
}

/// Where the addons are.
enum RealAddons {
  static let folder = "\(Project.root)/build/debian-addons"

  /// What LD_LIBRARY_PATH is to be; `nil` where the addons cannot be had.
  static let libraries: String? = {
    guard Project.installed("node") != nil,
      let result = try? run(
        "\(Project.root)/.ci/debian-addons", [folder], in: Project.root, limitSeconds: 120),
      result.ending == .exited(0)
    else { return nil }
    return result.output.trimmingCharacters(in: .whitespacesAndNewlines)
  }()

  static var environment: [String: String] {
    ["DEBIAN_ADDONS": folder, "LD_LIBRARY_PATH": libraries ?? ""]
  }
}
