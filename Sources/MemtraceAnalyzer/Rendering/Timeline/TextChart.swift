// SPDX-License-Identifier: Apache-2.0
//
// A chart of one series in a terminal: columns of eighths of a character, as wide as the screen and
// a few lines high; in ASCII where the screen shows nothing else.

/// Draws a series.
struct TextChart {
  /// Columns without a screen that says how many there are.
  private static let usualWidth = 80
  private static let widest = 160
  private static let eighths = Array(" ▁▂▃▄▅▆▇█")
  private static let asciiEighths = Array(" ..--==##")

  let nanoseconds: [UInt64]
  let values: [UInt64?]
  let height: Int

  /// Writes the chart, its scale on the left, time below, `marks` on a line of their own.
  func write(title: String, marks: [UInt64], on page: TextPage) {
    let known = values.compactMap { $0 }
    guard let most = known.max(), most > 0, let first = nanoseconds.first,
      let last = nanoseconds.last, last > first
    else { return }
    let labels = (0..<height).map { Self.label(most, $0, of: height) }
    let margin = labels.map(PrintableText.width).max() ?? 0
    let width = min(Self.widest, page.options.width ?? Self.usualWidth) - margin - 4
    guard width >= 10 else { return }
    page.line(.init("  " + title, .strong))
    let columns = columns(width, first, last)
    let signs = page.options.isASCII ? Self.asciiEighths : Self.eighths
    let bar = page.options.isASCII ? "|" : "┤"
    for row in 0..<height {
      let cells = columns.map { value -> Character in
        guard let value else { return " " }
        let eighths = (Double(value) / Double(most) * Double(height * 8)).rounded()
        return signs[max(0, min(8, Int(eighths) - (height - 1 - row) * 8))]
      }
      page.line(
        .init("  " + PrintableText.padded(labels[row], to: margin, onLeft: true) + bar, .faint),
        .init(String(cells)))
    }
    writeTime(margin, width, first, last, on: page)
    if !marks.isEmpty {
      writeMarks(marks.map { column(of: $0, width, first, last) }, margin, width, on: page)
    }
  }

  private static func label(_ most: UInt64, _ row: Int, of height: Int) -> String {
    if row == 0 { return Quantity.bytes(most) }
    if row == height - 1 { return "0" }
    return row == height / 2
      ? Quantity.bytes(UInt64(Double(most) * Double(height - row) / Double(height))) : ""
  }

  /// The highest value of each column; that of the one before where it has none of its own.
  private func columns(_ width: Int, _ first: UInt64, _ last: UInt64) -> [UInt64?] {
    var columns = [UInt64?](repeating: nil, count: width)
    for (time, value) in zip(nanoseconds, values) {
      guard let value else { continue }
      let column = column(of: time, width, first, last)
      columns[column] = max(columns[column] ?? 0, value)
    }
    for index in columns.indices.dropFirst() where columns[index] == nil {
      columns[index] = columns[index - 1]
    }
    return columns
  }

  private func column(of time: UInt64, _ width: Int, _ first: UInt64, _ last: UInt64) -> Int {
    guard time > first else { return 0 }
    return min(width - 1, Int(Double(time - first) / Double(last - first) * Double(width)))
  }

  private func writeTime(
    _ margin: Int, _ width: Int, _ first: UInt64, _ last: UInt64, on page: TextPage
  ) {
    let left = Quantity.instant(first)
    let right = Quantity.instant(last)
    let gap = String(repeating: " ", count: max(1, width - left.count - right.count))
    page.line(.init(String(repeating: " ", count: margin + 3) + left + gap + right, .faint))
  }

  private func writeMarks(_ columns: [Int], _ margin: Int, _ width: Int, on page: TextPage) {
    var cells = [Character](repeating: " ", count: width)
    for column in columns { cells[column] = page.options.isASCII ? "^" : "▲" }
    let row = String(cells)
    page.line(
      .init(String(repeating: " ", count: margin + 3)), .init(row.trimmingRight(), .faint),
      .init("  marks", .faint))
  }
}

extension String {
  fileprivate func trimmingRight() -> String {
    var text = self[...]
    while text.last == " " { text.removeLast() }
    return String(text)
  }
}
