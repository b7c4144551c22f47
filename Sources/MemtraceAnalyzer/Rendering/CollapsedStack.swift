// SPDX-License-Identifier: Apache-2.0
//
// Recursion fills a stack with the same few frames; a reader needs them once, and how often.

import Symbolication

/// A stack in which frames that come again and again stand once.
struct CollapsedStack {
  struct Entry {
    var frame: Frame
    var rank: FrameRank
    /// Set on the last frame of a group that comes again: how many entries are in the group, and
    /// how many times more it stood there.
    var repetition: (entryCount: Int, times: Int)?

    /// Frames that this entry stands for beside its own.
    var hiddenCount: Int { repetition.map { $0.entryCount * $0.times } ?? 0 }
  }

  /// Functions that call each other in a circle longer than this are not recognized.
  private static let longestGroup = 16
  /// Less is shown as it is: the line that says so would take the room.
  private static let fewestHidden = 3

  let entries: [Entry]

  /// The frames, innermost first.
  init(_ frames: [Frame]) {
    var numbers: [FrameLook: Int32] = [:]
    let looks = frames.map { frame in
      let look = FrameLook(frame)
      let number = numbers[look] ?? Int32(truncatingIfNeeded: numbers.count)
      numbers[look] = number
      return number
    }
    var entries: [Entry] = []
    var index = 0
    while index < frames.count {
      let (length, times) = Self.group(in: looks, at: index)
      for offset in 0..<length {
        entries.append(
          Entry(frame: frames[index + offset], rank: FrameRank(frames[index + offset])))
      }
      if times > 1 { entries[entries.count - 1].repetition = (length, times - 1) }
      index += length * times
    }
    self.entries = entries
  }

  /// The shortest group of frames from `start` on that comes again at once, and how often it stands
  /// there; one frame, once, where nothing does.
  static func group(in looks: [Int32], at start: Int) -> (length: Int, times: Int) {
    var length = 1
    while length <= longestGroup, start + 2 * length <= looks.count {
      var end = start + length
      while end < looks.count, looks[end] == looks[end - length] { end += 1 }
      let times = (end - start) / length
      if length * (times - 1) >= fewestHidden { return (length, times) }
      length += 1
    }
    return (1, 1)
  }
}
