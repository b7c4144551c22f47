// SPDX-License-Identifier: Apache-2.0
//
// Stacks as lines of text: the frames that tell most, each with its place.

import Symbolication

/// Writes the decisive frames of stacks.
struct TextFrames {
  /// Frames of a stack where nobody asked for more, or for all.
  private static let usualLimit = 4

  private let table: FrameTable
  private let directory: String
  /// Most frames of a stack; nil: as the page's options say.
  private let limit: Int?

  /// Stacks of `frames`, whose paths are shortened in `directory`, the program's folder.
  init(frames: FrameTable, directory: String, limit: Int? = nil) {
    table = frames
    self.directory = directory
    self.limit = limit
  }

  init(report: LeakReport, limit: Int? = nil) {
    self.init(frames: report.frames, directory: report.trace.directory, limit: limit)
  }

  func write(_ stack: ReportStack, on page: TextPage, indent: Int) {
    let frames = Array(table.frames(of: stack))
    let margin = String(repeating: " ", count: indent)
    guard !frames.isEmpty else {
      page.line(.init(margin + "(no stack recorded)", .faint))
      return
    }
    let options = page.options
    let usual = options.foldsPlumbing ? Self.usualLimit : .max
    let lines = DecisiveFrames(
      frames, limit: limit ?? options.frameLimit ?? usual, folds: options.foldsPlumbing
    ).lines
    let names = TextFrameNames(directory: directory, page, indent: indent)
    let column = names.column(lines)
    for (index, line) in lines.enumerated() {
      if case .frame(let frame) = line {
        let rest = index + 2 == lines.count ? Self.remark(lines[index + 1]) : ""
        write(frame, rest, names, column: column, indent: indent, on: page)
      } else if let words = line.words, index + 1 < lines.count || Self.remark(line).isEmpty {
        page.line(.init("\(margin)… \(words)", .faint))
      }
    }
    if stack.isTruncated { page.line(.init(margin + "… outer frames not recorded", .faint)) }
  }

  /// How many frames follow the last one shown: there is room for that on its line.
  private static func remark(_ line: StackLine) -> String {
    switch line {
    case .folded(let count, _), .omitted(let count): "  … \(Quantity.count(UInt64(count))) more"
    case .frame, .repeated: ""
    }
  }

  /// One frame, and on the last one how many follow.
  private func write(
    _ frame: Frame, _ rest: String, _ names: TextFrameNames, column: Int, indent: Int,
    on page: TextPage
  ) {
    let fullPlace = names.place(of: frame)
    let name = PrintableText.padded(names.name(of: frame), to: fullPlace.isEmpty ? 0 : column)
    let used = indent + PrintableText.width(name) + PrintableText.width(rest) + 2
    let place = PrintableText.cutFront(fullPlace, to: max(0, page.width - used))
    page.line(
      .init(String(repeating: " ", count: indent)),
      .init(name, frame.kind == .javascript ? .javascript : .plain),
      .init((place.isEmpty ? "" : "  " + place) + rest, .faint))
  }

  /// The most telling frame of a stack, in one line.
  func summary(_ stack: ReportStack, on page: TextPage) -> String {
    let frames = Array(table.frames(of: stack))
    let best = frames.filter { $0.function != nil }.min { FrameRank($0) < FrameRank($1) }
    guard let frame = best ?? frames.first else { return "(no stack recorded)" }
    let names = TextFrameNames(directory: directory, page, indent: 0)
    let place = names.place(of: frame)
    let name = names.name(of: frame)
    return place.isEmpty ? name : "\(name)  \(place)"
  }
}
