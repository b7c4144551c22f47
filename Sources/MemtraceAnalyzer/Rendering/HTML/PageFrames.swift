// SPDX-License-Identifier: Apache-2.0
//
// The frames of a page: each way a frame can look once, whatever the number of addresses that
// look so.

import Symbolication

/// Frames and their numbers.
struct PageFrames {
  /// What stands for a stack's frames that were not recorded.
  static let cut = 0
  /// What stands for a stack of which nothing was recorded.
  static let none = 1
  /// What stands for sites that a page has no room for.
  static let rest = 2

  private struct Look: Hashable {
    var look: FrameLook
    var image: String?
    var isInlined: Bool
  }

  private(set) var frames: [Frame]
  /// By address: the numbers of its frames, innermost first.
  private let numbers: [[UInt32]]

  init(_ table: FrameTable) {
    var frames = [
      Frame(function: "(outer frames not recorded)", address: 0),
      Frame(function: "(no stack recorded)", address: 0),
      Frame(function: "(other sites)", address: 0),
    ]
    var known: [Look: UInt32] = [:]
    numbers = table.indices.map { address in
      table[address].map { frame in
        let look = Look(look: FrameLook(frame), image: frame.image, isInlined: frame.isInlined)
        if let number = known[look] { return number }
        let number = UInt32(truncatingIfNeeded: frames.count)
        known[look] = number
        frames.append(frame)
        return number
      }
    }
    self.frames = frames
  }

  /// The numbers of the frames of an address, innermost first.
  subscript(address: UInt32) -> [UInt32] {
    Int(address) < numbers.count ? numbers[Int(address)] : []
  }

  /// Which of the parts in `PlumbingPart.allCases` a frame is of, behind: 0 the program's own,
  /// 1 a library.
  static func part(of frame: Frame) -> Int {
    switch FrameRank(frame) {
    case .own: 0
    case .library: 1
    case .plumbing(let part): 2 + (PlumbingPart.allCases.firstIndex(of: part) ?? 0)
    }
  }
}
