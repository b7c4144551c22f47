// SPDX-License-Identifier: Apache-2.0
//
// Tests written in JavaScript, run by node's own runner: the page's modules, and the page in a
// browser.

import Foundation
import MemtraceTestSupport
import Testing

/// Files of tests for node.
enum NodeTest {
  /// The folder with the top-level Makefile.
  static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().path

  /// Where pictures of the pages are kept, for people to look at.
  static let artifacts = root + "/build/artifacts"

  /// Expects all tests of a file in this folder to pass; returns what they printed.
  @discardableResult
  static func expectPasses(
    _ file: String, environment: [String: String] = [:],
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws -> String {
    try FileManager.default.createDirectory(
      atPath: artifacts, withIntermediateDirectories: true)
    let variables = ["ARTIFACTS": artifacts, "AXE_SCRIPT": root + "/build/axe/axe.min.js"]
    let result = try Program.run(
      "node", ["--test", "--test-reporter=spec", "\(root)/Tests/ReportPageTests/\(file)"],
      environment: variables.merging(environment) { $1 }, limitSeconds: 1200)
    #expect(
      result.status == 0, "\(result.output)\(result.errors)", sourceLocation: sourceLocation)
    return result.output
  }
}
