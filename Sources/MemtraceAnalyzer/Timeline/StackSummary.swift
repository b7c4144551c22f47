// SPDX-License-Identifier: Apache-2.0
//
// A stack in one phrase: the frame of the program's own code that is nearest to the allocation.

import Symbolication

/// Names stacks by their most telling frame.
struct StackSummary {
  let frames: FrameTable
  /// Paths below it are written from there on.
  private let directory: String

  init(_ frames: FrameTable, directory: String = "") {
    self.frames = frames
    self.directory = directory
  }

  func words(_ stack: ReportStack) -> String {
    let (name, place) = nameAndPlace(stack)
    return place.map { "\(name) (\($0))" } ?? name
  }

  /// The same for a screen with so many columns; of a place the end is left, which says most.
  func words(_ stack: ReportStack, room: Int) -> String {
    let (name, place) = nameAndPlace(stack)
    let text = PrintableText.escaped(name)
    let rest = room - PrintableText.width(text) - 3
    guard let place, rest >= 8 else { return text }
    return "\(text) (\(PrintableText.cutFront(PrintableText.escaped(place), to: rest)))"
  }

  private func nameAndPlace(_ stack: ReportStack) -> (name: String, place: String?) {
    let all = Array(frames.frames(of: stack))
    let best = all.filter { $0.function != nil }.min { FrameRank($0) < FrameRank($1) }
    guard let frame = best ?? all.first else { return ("a stack that was not recorded", nil) }
    let name = frame.function ?? frame.image ?? "0x" + String(frame.address, radix: 16)
    guard var file = frame.file else { return (name, nil) }
    if directory.count > 1, file.hasPrefix(directory + "/") {
      file = String(file.dropFirst(directory.count + 1))
    }
    let place = [file, frame.line.map(String.init), frame.column.map(String.init)]
    return (name, place.compactMap { $0 }.joined(separator: ":"))
  }
}
