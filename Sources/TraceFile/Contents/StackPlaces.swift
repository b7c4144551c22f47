// SPDX-License-Identifier: Apache-2.0
//
// The distinct places that stacks go through: millions of nodes share a few thousand of them.

import CTraceFormat

/// What nodes of the stack trie stand for, numbered from 1 on.
struct StackPlaces: Sendable {
  /// By number; 0 stands for nothing.
  private(set) var places = [StackPlace(address: 0, flags: 0)]
  /// Numbers by hash, 0 where there is none; at most half full.
  private var slots = [UInt32](repeating: 0, count: 1 << 10)
  private var shift: UInt64 = 54
  /// Odd; drawn anew for each table, so that no file can be made whose addresses all collide.
  private let multiplier = UInt64.random(in: .min ... .max) | 1

  /// The number of a place, which is added if it is new.
  mutating func number(of place: StackPlace) -> UInt32 {
    var slot = home(of: place)
    while true {
      let number = slots[slot]
      if number == 0 { break }
      if places[Int(number)] == place { return number }
      slot = (slot &+ 1) & (slots.count &- 1)
    }
    let number = UInt32(truncatingIfNeeded: places.count)
    slots[slot] = number
    places.append(place)
    if places.count > slots.count / 2 { grow() }
    return number
  }

  private func home(of place: StackPlace) -> Int {
    let mixed = (place.address ^ UInt64(place.flags) << 56) &* multiplier
    return Int(truncatingIfNeeded: ((mixed ^ mixed >> 29) &* 0x9E37_79B9_7F4A_7C15) >> shift)
  }

  private mutating func grow() {
    slots = [UInt32](repeating: 0, count: 2 * slots.count)
    shift -= 1
    for number in 1..<places.count {
      var slot = home(of: places[number])
      while slots[slot] != 0 { slot = (slot + 1) & (slots.count - 1) }
      slots[slot] = UInt32(truncatingIfNeeded: number)
    }
  }
}

/// A place in code, or what stands outside of all frames.
package struct StackPlace: Hashable, Sendable {
  /// A return address, or the instruction itself; of a root the epoch.
  package let address: UInt64
  /// `enum mt_node_flag`.
  let flags: UInt8

  init(address: UInt64, flags: UInt8) {
    self.address = address
    self.flags = flags
  }

  private func has(_ flag: mt_node_flag) -> Bool {
    flags & UInt8(truncatingIfNeeded: flag.rawValue) != 0
  }

  /// Whether it is no frame but says what is known of the frames inside.
  package var isRoot: Bool { has(MT_NODE_ROOT) }
  /// Whether frames are missing here.
  package var isTruncated: Bool { has(MT_NODE_TRUNCATED) }
  /// Of a root: how often images had been unloaded when the stacks were captured.
  package var epoch: UInt32 { isRoot ? UInt32(clamping: address) : 0 }
  /// Of a frame.
  package var frame: StackFrame {
    StackFrame(address: Address(address), isExact: has(MT_NODE_EXACT))
  }
}
