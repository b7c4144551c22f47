// SPDX-License-Identifier: Apache-2.0
//
// Of all the frames of a stack one answers for the block: the innermost one that the program's author
// wrote, else that of a library, else of plumbing. `operator new` is called by everyone.

import Symbolication

/// Finds the frame of a stack that answers for its blocks.
struct ResponsibleFrames {
  private let frames: FrameTable
  private let passesOverPlumbing: Bool
  /// By address: how much each of its frames tells.
  private var ranks: [UInt32: [FrameRank]] = [:]

  /// - Parameters:
  ///   - frames: what the stacks refer to.
  ///   - passesOverPlumbing: whether to look for the program's own code; otherwise the
  ///     innermost frame answers, whatever it is.
  init(_ frames: FrameTable, passesOverPlumbing: Bool) {
    self.frames = frames
    self.passesOverPlumbing = passesOverPlumbing
  }

  /// The frame, of those that `isCandidate` is true for; nil when there is none.
  mutating func frame(of stack: ReportStack, where isCandidate: (Frame) -> Bool) -> Frame? {
    var best: (rank: FrameRank, frame: Frame)?
    for address in stack.addresses {
      let ranks = self.ranks(of: address)
      for (frame, rank) in zip(frames[address], ranks) where isCandidate(frame) {
        if !passesOverPlumbing || rank == .own { return frame }
        if best.map({ rank < $0.rank }) ?? true { best = (rank, frame) }
      }
    }
    return best?.frame
  }

  private mutating func ranks(of address: UInt32) -> [FrameRank] {
    if let known = ranks[address] { return known }
    let new = frames[address].map(FrameRank.init)
    ranks[address] = new
    return new
  }
}
