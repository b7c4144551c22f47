// SPDX-License-Identifier: Apache-2.0
//
// Stacks as lines of text: the frames that tell most, each with its place.

import Symbolication

/// Writes the decisive frames of stacks.
struct TextFrames {
  let report: LeakReport
  var limit = 4

  func write(_ stack: ReportStack, on page: TextPage, indent: Int) {
    let frames = Array(report.frames.frames(of: stack))
    let margin = String(repeating: " ", count: indent)
    guard !frames.isEmpty else {
      page.line(.init(margin + "(no stack recorded)", .faint))
      return
    }
    let lines = DecisiveFrames(frames, limit: limit).lines
    // Names in a column, as far as they are of similar length.
    let names = lines.compactMap { line in
      if case .frame(let frame) = line { Self.name(of: frame) } else { nil }
    }
    let roomForNames = max(20, (min(page.width, 120) - indent) * 3 / 5)
    let column = min(names.map(PrintableText.width).max() ?? 0, roomForNames)
    for (index, line) in lines.enumerated() {
      switch line {
      case .frame(let frame):
        var rest = ""
        if index + 2 == lines.count, case .omitted(let count) = lines[index + 1] {
          rest = "  … \(Quantity.count(UInt64(count))) more"
        }
        write(frame, rest, column: column, indent: indent, on: page)
      case .omitted(let count) where index + 1 < lines.count:
        page.line(.init(margin + "… \(Quantity.count(UInt64(count), "frame"))", .faint))
      case .omitted: break
      }
    }
    if stack.isTruncated { page.line(.init(margin + "… outer frames not recorded", .faint)) }
  }

  /// One frame, and on the last one how many follow.
  private func write(
    _ frame: Frame, _ rest: String, column: Int, indent: Int, on page: TextPage
  ) {
    let limit = page.options.width == nil ? .max : column
    let name = PrintableText.padded(PrintableText.cut(Self.name(of: frame), to: limit), to: column)
    let used = indent + PrintableText.width(name) + PrintableText.width(rest) + 2
    let place = PrintableText.cutFront(self.place(of: frame), to: max(0, page.width - used))
    page.line(
      .init(String(repeating: " ", count: indent)),
      .init(name, frame.kind == .javascript ? .javascript : .plain),
      .init((place.isEmpty ? "" : "  " + place) + rest, .faint))
  }

  /// The most telling frame of a stack, in one line.
  func summary(_ stack: ReportStack) -> String {
    let frames = Array(report.frames.frames(of: stack))
    let best = frames.filter { $0.function != nil }.min { FrameRank($0) < FrameRank($1) }
    guard let frame = best ?? frames.first else { return "(no stack recorded)" }
    let place = place(of: frame)
    return place.isEmpty ? Self.name(of: frame) : "\(Self.name(of: frame))  \(place)"
  }

  private static func name(of frame: Frame) -> String {
    if let function = frame.function, !function.isEmpty { return PrintableText.escaped(function) }
    if let offset = frame.imageOffset {
      return "+0x" + String(offset, radix: 16)
    }
    return "0x" + String(frame.address, radix: 16)
  }

  /// File and line where known, else the image.
  private func place(of frame: Frame) -> String {
    guard let file = frame.file, !file.isEmpty else {
      let image = frame.image.flatMap { $0.split(separator: "/").last } ?? ""
      return PrintableText.escaped(String(image))
    }
    var path = file
    let directory = report.trace.directory
    if directory.count > 1, path.hasPrefix(directory + "/") {
      path.removeFirst(directory.count + 1)
    }
    let line = frame.line.map { ":\($0)" } ?? ""
    return PrintableText.escaped(path) + line
  }
}
