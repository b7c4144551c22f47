// SPDX-License-Identifier: Apache-2.0
//
// What a frame is called on a page of text, and where it is said to be.

import Symbolication

/// Names and places of frames, as wide as a page allows.
struct TextFrameNames {
  /// Where no screen sets a limit; names of templates may have thousands of letters.
  private static let nameLimit = 100
  private static let placeLimit = 200

  private let directory: String
  private let limit: Int

  init(_ report: LeakReport, _ page: TextPage, indent: Int) {
    self.init(directory: report.trace.directory, page, indent: indent)
  }

  /// Names for a program that ran in `directory`: paths below it are written from there on.
  init(directory: String, _ page: TextPage, indent: Int) {
    self.directory = directory
    limit =
      page.options.width == nil
      ? Self.nameLimit : max(8, (min(page.width, 120) - indent) * 3 / 5)
  }

  /// Columns for the names of some lines, so that the places stand below each other.
  func column(_ lines: [StackLine]) -> Int {
    let widths = lines.map { line in
      if case .frame(let frame) = line { PrintableText.width(name(of: frame)) } else { 0 }
    }
    return widths.max() ?? 0
  }

  /// The function, shortened to the room there is; its address in the image where it has no name.
  func name(of frame: Frame) -> String {
    if let function = frame.function, !function.isEmpty {
      let short = ShortName.shortened(PrintableText.escaped(function), limit: limit)
      return PrintableText.cut(short, to: limit)
    }
    if let offset = frame.imageOffset { return "+0x" + String(offset, radix: 16) }
    return "0x" + String(frame.address, radix: 16)
  }

  /// File and line where known, else the image.
  func place(of frame: Frame) -> String {
    guard let file = frame.file, !file.isEmpty else { return image(frame.image) }
    var place = path(file)
    if let line = frame.line {
      place += ":\(line)"
      // As node prints it: all functions of a bundled script are on one line.
      if frame.kind == .javascript, let column = frame.column { place += ":\(column)" }
    }
    return PrintableText.cutFront(place, to: Self.placeLimit)
  }

  /// The last component of an image's path.
  func image(_ path: String?) -> String {
    let name = path.flatMap { $0.split(separator: "/").last } ?? ""
    return PrintableText.cutFront(PrintableText.escaped(String(name)), to: Self.placeLimit)
  }

  /// A path, from the program's folder on where it is in there.
  func path(_ file: String) -> String {
    let isInside = directory.count > 1 && file.hasPrefix(directory + "/")
    return PrintableText.escaped(isInside ? String(file.dropFirst(directory.count + 1)) : file)
  }
}
