// SPDX-License-Identifier: Apache-2.0
//
// Examples/addon-regression as docs/testing-addons.md shows it to a newcomer: its suite passes, fails
// with the bug, and needs no privilege for that.

import Foundation
import Testing

@Suite(.enabled(if: Project.installed("node") != nil)) struct AddonExampleTests {
  private let node = Project.installed("node") ?? ""

  /// A copy of the example that finds the module, as `npm install` would leave it.
  private func example() throws -> TemporaryDirectory {
    let directory = try TemporaryDirectory()
    let source = "\(Project.root)/Examples/addon-regression"
    let files = FileManager.default
    for name in ["index.js", "package.json", "test"] {
      try files.copyItem(atPath: "\(source)/\(name)", toPath: directory.file(name))
    }
    try files.createDirectory(
      atPath: directory.file("node_modules"), withIntermediateDirectories: true)
    try files.createSymbolicLink(
      atPath: directory.file("node_modules/memtrace"),
      withDestinationPath: "\(Project.root)/NodeModule")
    return directory
  }

  private func environment(isLeaking: Bool) -> [String: String] {
    plainEnvironment.merging([
      "WORDCOUNT_ADDON": "\(Project.root)/build/examples/addon-regression/wordcount.node",
      "WORDCOUNT_LEAK": isLeaking ? "1" : "0",
    ]) { $1 }
  }

  /// Runs a command in a copy of the example, which is gone afterwards.
  private func runInExample(
    _ command: String, _ arguments: [String], isLeaking: Bool
  ) throws -> ProgramResult {
    let directory = try example()
    return try withExtendedLifetime(directory) {
      try run(
        command, arguments, in: directory.path, environment: environment(isLeaking: isLeaking),
        limitSeconds: 300)
    }
  }

  private var suite: [String] {
    ["run", "--quiet", "--no-report", "--", node, "--test", "--test-reporter", "tap", "test/"]
  }

  @Test func withoutMemtraceItsLeakTestsAreSkipped() throws {
    let result = try runInExample(
      node, ["--test", "--test-reporter", "tap", "test/"], isLeaking: true)
    #expect(result.ending == .exited(0), "\(result.output)")
    #expect(result.output.contains("\n# pass 3\n"), "\(result.output)")
    #expect(result.output.contains("\n# skipped 2\n"), "\(result.output)")
  }

  @Test func itsSuitePasses() throws {
    let result = try runInExample(Project.command, suite, isLeaking: false)
    #expect(result.ending == .exited(0), "\(result.output)\(result.errors)")
    #expect(result.output.contains("\n# pass 5\n"), "\(result.output)")
  }

  @Test func withTheBugItFailsAsThePageShows() throws {
    let result = try runInExample(Project.command, suite, isLeaking: true)
    #expect(result.ending == .exited(1), "\(result.output)\(result.errors)")
    #expect(result.output.contains("\n# fail 1\n"), "\(result.output)")
    #expect(result.output.contains("ERR_MEMTRACE_LEAK"), "\(result.output)")
    // The lines of the page, down to the first frame; a folder may stand before each file.
    let page = try String(
      contentsOfFile: "\(Project.root)/docs/testing-addons.md", encoding: .utf8)
    let shown = try #require(page.components(separatedBy: "a test keeps it true -->\n```\n").last)
    for line in shown.split(separator: "\n").prefix(while: { $0 != "```" }) {
      let parts = line.split(separator: " ")
      #expect(parts.allSatisfy(result.output.contains), "\(line): \(result.output)")
    }
  }

  /// A mount namespace in which all but one folder is read-only, no network, and no capability.
  private static let confined = """
    mount --make-rprivate / && mount --bind "$1" "$1" && mount -o remount,bind,ro / &&
    cd "$1" && shift && exec setpriv --no-new-privs --inh-caps=-all --bounding-set=-all -- "$@"
    """
  private static let unshare =
    ["--net", "--mount"] + (geteuid() == 0 ? [] : ["--user", "--map-root-user"])
  private static let canConfine: Bool = {
    guard let unshare = Project.installed("unshare"), Project.installed("setpriv") != nil,
      let directory = try? TemporaryDirectory(),
      let result = try? withExtendedLifetime(
        directory,
        {
          try run(
            unshare, Self.unshare + ["sh", "-c", confined, "sh", directory.path, "true"], in: "/")
        })
    else { return false }
    return result.ending == .exited(0)
  }()

  @Test(.enabled(if: canConfine, "namespaces are not to be had here"), arguments: [false, true])
  func itNeedsNoPrivilegeNoNetworkAndOneFolderToWriteTo(isLeaking: Bool) throws {
    let directory = try example()
    var environment = environment(isLeaking: isLeaking)
    environment["TMPDIR"] = directory.path
    let result = try withExtendedLifetime(directory) {
      try run(
        Project.installed("unshare") ?? "",
        Self.unshare + ["sh", "-c", Self.confined, "sh", directory.path, Project.command] + suite,
        in: "/", environment: environment, limitSeconds: 300)
    }
    #expect(result.errors == "")
    #expect(result.ending == .exited(isLeaking ? 1 : 0), "\(result.output)")
    #expect(result.output.contains("\n# fail \(isLeaking ? 1 : 0)\n"), "\(result.output)")
    #expect(result.output.contains("ERR_MEMTRACE_LEAK") == isLeaking, "\(result.output)")
  }
}
