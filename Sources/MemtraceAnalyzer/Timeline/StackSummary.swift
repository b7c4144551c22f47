// SPDX-License-Identifier: Apache-2.0
//
// A stack in one phrase: the frame of the program's own code that is nearest to the allocation.

import Symbolication

/// Names stacks by their most telling frame.
struct StackSummary {
  let frames: FrameTable

  init(_ frames: FrameTable) {
    self.frames = frames
  }

  func words(_ stack: ReportStack) -> String {
    let all = Array(frames.frames(of: stack))
    let best = all.filter { $0.function != nil }.min { FrameRank($0) < FrameRank($1) }
    guard let frame = best ?? all.first else { return "a stack that was not recorded" }
    let name = frame.function ?? frame.image ?? "0x" + String(frame.address, radix: 16)
    guard let file = frame.file else { return name }
    let place = [file, frame.line.map(String.init), frame.column.map(String.init)]
    return "\(name) (\(place.compactMap { $0 }.joined(separator: ":")))"
  }
}
