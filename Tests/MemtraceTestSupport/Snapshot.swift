// SPDX-License-Identifier: Apache-2.0
//
// Compares what is written now with what was found right once, line by line.
// RECORD_SNAPSHOTS=1 writes the snapshots anew and fails the run, so that it is never left on.

import Foundation
import Testing

/// A text kept in `Snapshots/` beside the test's file.
package enum Snapshot {
  /// Expects `text` to be what the snapshot `name` holds.
  package static func expect(
    _ text: String, matches name: String, filePath: String = #filePath,
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let folder = URL(fileURLWithPath: filePath).deletingLastPathComponent()
      .appendingPathComponent("Snapshots")
    let file = folder.appendingPathComponent(name)
    if ProcessInfo.processInfo.environment["RECORD_SNAPSHOTS"] == "1" {
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      try Data(text.utf8).write(to: file)
      Issue.record("snapshot \(name) was recorded", sourceLocation: sourceLocation)
      return
    }
    guard let data = try? Data(contentsOf: file) else {
      Issue.record(
        "there is no snapshot \(name); make it with RECORD_SNAPSHOTS=1",
        sourceLocation: sourceLocation)
      return
    }
    let expected = String(decoding: data, as: UTF8.self)
    guard text != expected else { return }
    Issue.record(
      "\(firstDifference(text, expected)) of snapshot \(name); the text now is:\n\(text)",
      sourceLocation: sourceLocation)
  }

  private static func firstDifference(_ text: String, _ expected: String) -> String {
    let new = text.split(separator: "\n", omittingEmptySubsequences: false)
    let old = expected.split(separator: "\n", omittingEmptySubsequences: false)
    for index in 0..<max(new.count, old.count) {
      let newLine = index < new.count ? String(new[index]) : "(no line)"
      let oldLine = index < old.count ? String(old[index]) : "(no line)"
      if newLine != oldLine { return "line \(index + 1) is '\(newLine)', not '\(oldLine)'" }
    }
    return "line endings differ from those"
  }
}
