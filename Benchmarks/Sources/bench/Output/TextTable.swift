// SPDX-License-Identifier: Apache-2.0
//
// Rows of words under each other, for a terminal or for Markdown.

import Foundation

/// A table whose columns are as wide as what is in them.
struct TextTable {
  /// The headings; columns whose heading starts with a space are aligned to the right.
  let headings: [String]
  var rows: [[String]] = []

  /// The lines of the table, without spaces at their ends.
  var text: String {
    let names = headings.map { $0.hasPrefix(" ") ? String($0.dropFirst()) : $0 }
    let widths = names.indices.map { column in
      ([names] + rows).map { $0[column].count }.max() ?? 0
    }
    func line(_ cells: [String]) -> String {
      let padded = cells.enumerated().map { column, cell in
        let space = String(repeating: " ", count: widths[column] - cell.count)
        return headings[column].hasPrefix(" ") ? space + cell : cell + space
      }
      var text = padded.joined(separator: "  ")
      while text.last == " " { text.removeLast() }
      return text
    }
    let rule = widths.map { String(repeating: "-", count: $0) }
    return ([names, rule] + rows).map { line($0) + "\n" }.joined()
  }

  /// The same in Markdown.
  var markdown: String {
    func line(_ cells: [String]) -> String { "| " + cells.joined(separator: " | ") + " |\n" }
    let names = headings.map { $0.trimmingCharacters(in: .whitespaces) }
    let rule = headings.map { $0.hasPrefix(" ") ? "--:" : "---" }
    return ([names, rule] + rows).map(line).joined()
  }
}
