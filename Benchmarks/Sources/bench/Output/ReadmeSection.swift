// SPDX-License-Identifier: Apache-2.0
//
// Puts the figures into a Markdown file, between two comments, so that none is copied by hand.

import Foundation

/// The part of a Markdown file that holds the figures.
enum ReadmeSection {
  static let start = "<!-- figures: make bench BENCH_OPTIONS='--readme README.md' -->"
  static let end = "<!-- end of figures -->"

  /// The file's text with the figures in place of those that stood there; `nil` if it has no place
  /// for them.
  static func text(_ text: String, with report: BenchReport) -> String? {
    guard let start = text.range(of: start),
      let end = text.range(of: end, range: start.upperBound..<text.endIndex)
    else { return nil }
    return text[..<start.upperBound] + "\n" + figures(of: report) + text[end.lowerBound...]
  }

  private static func figures(of report: BenchReport) -> String {
    let remarks = (report.failures + report.remarks).map { "- \($0)\n" }.joined()
      .replacing("*", with: "\\*")
    return """
      \(report.date.prefix(10)), \(report.machine.description). Medians of \(report.rounds) rounds.

      \(report.barTable.markdown)
      Added to a malloc/free pair, or times the native wall time:

      \(report.matrix.markdown.replacing("*", with: "\\*"))
      \(remarks)
      """
  }
}
