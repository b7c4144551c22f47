// SPDX-License-Identifier: Apache-2.0
//
// The result of a check as commands that GitHub Actions reads from a step's output and shows beside the
// line of the source that they are about.

/// Writes results as annotations.
package struct CheckGitHub: CheckRenderer {
  /// The folder whose files are named from there on, as GitHub knows them.
  private let root: String

  package init(root: String) {
    self.root = root
  }

  package func render(_ result: CheckResult, to output: ReportOutput) {
    for test in CheckCase.list(result) {
      guard let failure = test.failure else {
        output.write("::notice title=memtrace::\(Self.message(test.name))\n")
        continue
      }
      var properties: [(String, String)] = []
      if let file = test.file, let line = test.line {
        properties = [
          ("file", SourceRoot(root).relative(file) ?? file), ("line", String(line)),
        ]
      }
      properties.append(("title", "memtrace: " + test.name))
      let list = properties.map { "\($0)=\(Self.property($1))" }.joined(separator: ",")
      let text = failure.message + (failure.details.isEmpty ? "" : "\n" + failure.details)
      output.write("::error \(list)::\(Self.message(text))\n")
    }
  }

  /// What follows `::` on the same line.
  private static func message(_ text: String) -> String {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    return lines.map { PrintableText.escaped(String($0)).replacing("%", with: "%25") }
      .joined(separator: "%0A")
  }

  /// In front of it commas and colons have a meaning, too.
  private static func property(_ text: String) -> String {
    PrintableText.escaped(text).replacing("%", with: "%25").replacing("\r", with: "%0D")
      .replacing("\n", with: "%0A").replacing(":", with: "%3A").replacing(",", with: "%2C")
  }
}

/// The folder of a project, from which its files are named.
struct SourceRoot {
  private let path: String

  init(_ path: String) {
    self.path = path.hasSuffix("/") ? String(path.dropLast()) : path
  }

  /// The path of a file in it, from there on; nil for others.
  func relative(_ file: String) -> String? {
    let file = file.hasPrefix("file://") ? String(file.dropFirst("file://".count)) : file
    guard file.hasPrefix("/") else {
      return file.hasPrefix("node:") || file.isEmpty ? nil : file
    }
    guard !path.isEmpty, file.hasPrefix(path + "/") else { return nil }
    return String(file.dropFirst(path.count + 1))
  }
}
