// SPDX-License-Identifier: Apache-2.0
//
// Runs the JavaScript tests of NodeModule/test with node's own runner.

import Foundation
import Testing

/// The tests in JavaScript, and the addon that they are about.
enum NodeSuite {
  /// Whether `make long-test` asks for what takes its time.
  static let isLong = ProcessInfo.processInfo.environment["MEMTRACE_LONG_TESTS"] == "1"

  /// The folder with node's headers; empty where there are none.
  static let headers: String = {
    let result = try? run("\(Project.root)/.ci/node-headers", in: Project.root)
    return result?.output.trimmingCharacters(in: .whitespacesAndNewlines) ?? ""
  }()

  /// The path of the addon with a function for each kind of leak.
  static func seededAddon() throws -> String {
    try Fixture(
      source: "seeded.cpp", flags: ["-fPIC", "-shared", "-isystem", headers],
      product: "seeded.node"
    ).path()
  }

  /// The environment of a traced node that runs tests.
  static func environment(_ additions: [String: String] = [:]) throws -> [String: String] {
    tracedEnvironment([
      "MEMTRACE_COMMAND": Project.command, "SEEDED_ADDON": try seededAddon(),
    ]).merging(additions) { $1 }
  }

  /// Runs node in a directory that is gone afterwards.
  static func runNode(
    _ arguments: [String], environment: [String: String], through tool: [String] = []
  ) throws -> ProgramResult {
    let words = tool + [Project.installed("node") ?? ""] + arguments
    let directory = try TemporaryDirectory()
    return try withExtendedLifetime(directory) {
      try run(
        words[0], Array(words.dropFirst()), in: directory.path, environment: environment,
        limitSeconds: 600)
    }
  }

  /// Runs one file of NodeModule/test, and demands that it has tests and that all of them pass.
  static func expectPass(
    _ name: String, isTraced: Bool = true, environment additions: [String: String] = [:]
  ) throws {
    var environment = try environment(additions)
    if !isTraced { environment["LD_PRELOAD"] = nil }
    let result = try runNode(
      ["--test", "--test-reporter", "tap", "\(Project.root)/NodeModule/test/\(name).test.js"],
      environment: environment)
    #expect(result.ending == .exited(0), "\(result.output)\(result.errors)")
    #expect(result.output.contains("\n# fail 0\n"), "\(result.output)")
    #expect(!result.output.contains("\n# pass 0\n"), "\(result.output)")
  }
}
