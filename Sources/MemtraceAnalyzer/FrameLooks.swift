// SPDX-License-Identifier: Apache-2.0
//
// Tells which addresses read the same: code that V8 compiles again gets a new address, and two
// calls on one line have two. For people; a program may want to tell them apart.

import Symbolication

/// Addresses by what a reader sees of them.
struct FrameLooks {
  /// By address: equal for those whose frames have the same names and lines.
  let numbers: [UInt32]

  init(_ frames: FrameTable) {
    var known: [[FrameLook]: UInt32] = [:]
    numbers = frames.indices.map { address in
      let look = frames[address].map(FrameLook.init)
      let number = known[look] ?? UInt32(truncatingIfNeeded: known.count)
      known[look] = number
      return number
    }
  }
}
