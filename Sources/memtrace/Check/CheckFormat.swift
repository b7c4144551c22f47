// SPDX-License-Identifier: Apache-2.0
//
// The forms in which a result is written down, and the files that take them.

import ArgumentParser
import Glibc
import MemtraceAnalyzer

/// A form of a result.
enum CheckFormat: String, ExpressibleByArgument, CaseIterable {
  case text
  case json
  case junit
  case sarif
  case github
  case tap

  /// What writes it; text for a file.
  var renderer: any CheckRenderer {
    switch self {
    case .text: CheckText()
    case .json: CheckJSON()
    case .junit: CheckJUnit()
    case .sarif: CheckSARIF(root: Self.sourceRoot, version: Memtrace.configuration.version)
    case .github: CheckGitHub(root: Self.sourceRoot)
    case .tap: CheckTAP()
    }
  }

  /// The folder whose files are named from there on: GitHub's, or the current one.
  private static var sourceRoot: String {
    if let named = Terminal.environment("GITHUB_WORKSPACE"), !named.isEmpty { return named }
    guard let directory = getcwd(nil, 0) else { return "/" }
    defer { free(directory) }
    return String(cString: directory)
  }
}

/// Files that take the result in some forms, besides what is shown.
struct CheckOutputs: ParsableArguments {
  @Option(
    help: ArgumentHelp("Write the result as JUnit XML; - is standard output.", valueName: "file"),
    completion: .file())
  var junit: String?

  @Option(
    help: ArgumentHelp("Write it as SARIF 2.1.0.", valueName: "file"),
    completion: .file())
  var sarif: String?

  @Option(
    help: ArgumentHelp("Write it as JSON.", valueName: "file"),
    completion: .file())
  var json: String?

  @Option(
    help: ArgumentHelp("Write it as TAP 14.", valueName: "file"),
    completion: .file())
  var tap: String?

  @Option(
    help: ArgumentHelp("Write it as annotations for GitHub Actions.", valueName: "file"),
    completion: .file())
  var github: String?

  private var paths: [(CheckFormat, String)] {
    [(.junit, junit), (.sarif, sarif), (.json, json), (.tap, tap), (.github, github)]
      .compactMap { format, path in path.map { (format, $0) } }
  }

  var isUsed: Bool { !paths.isEmpty }

  /// Writes what was asked for.
  func write(_ result: CheckResult) throws {
    for (format, path) in paths {
      let renderer = format.renderer
      let file =
        path == "-"
        ? .standardOutput
        : try OutputFile(path: path, notOverwriting: result.processes.first?.trace.path ?? "")
      try file.write { renderer.render(result, to: $0) }
    }
  }
}
