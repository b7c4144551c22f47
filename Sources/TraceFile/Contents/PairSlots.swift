// SPDX-License-Identifier: Apache-2.0
//
// Finds pairs of numbers again, where the first is that of something found before: nodes of a trie
// by their parent and what they stand for. Millions of them, so that a search must not mostly
// wait for memory.

import CPrefetch

/// A hash table of numbers above 0 whose pairs the caller keeps.
///
/// Children of one parent, and of parents numbered one after the other, stand close together: as
/// a trie mostly grows where it grew last, a search mostly reads what was read just before. Pairs
/// for which there is no room close to their parent's place stand anywhere.
struct PairSlots: ~Copyable {
  /// Slots looked at before a pair is looked for anywhere.
  private static let nearCount = 16

  private let slots: UnsafeMutablePointer<UInt32>
  private let byteCount: Int
  private let mask: Int
  /// Drawn anew for each table, so that no file can be made whose pairs all collide.
  private let seed = UInt64.random(in: .min ... .max)
  /// Slots that were looked at; for tests.
  private(set) var probeCount = 0

  /// Room for `count` pairs.
  init(count: Int) {
    var capacity = 16
    while capacity < 2 * count { capacity *= 2 }
    mask = capacity - 1
    byteCount = capacity * MemoryLayout<UInt32>.stride
    slots = LargeMemory.zeroed(byteCount: byteCount)
      .bindMemory(to: UInt32.self, capacity: capacity)
  }

  deinit {
    LargeMemory.free(slots, byteCount: byteCount)
  }

  /// A pair as it is kept by its number.
  @inline(__always)
  static func pair(_ parent: UInt32, _ place: UInt32) -> UInt64 {
    UInt64(parent) << 32 | UInt64(place)
  }

  /// The number of `pair`, or 0 if it has none; then it is given `new`, which is above 0.
  ///
  /// Every pair that has a number stands in `pairs` at that number.
  @inline(__always)
  mutating func number(
    of pair: UInt64, orNew new: UInt32, in pairs: UnsafePointer<UInt64>
  ) -> UInt32 {
    let near = nearSlot(of: pair)
    for step in 0..<Self.nearCount {
      let slot = (near &+ step) & mask
      probeCount &+= 1
      if slots[slot] == 0 {
        slots[slot] = new
        return 0
      }
      if pairs[Int(slots[slot])] == pair { return slots[slot] }
    }
    return numberAnywhere(of: pair, orNew: new, in: pairs)
  }

  /// Has the memory brought nearer where the children of `parent` stand.
  @inline(__always)
  func prefetch(childrenOf parent: UInt32) {
    memtrace_prefetch(slots + (Int(parent) &* 2 & mask))
  }

  @inline(__always)
  private func nearSlot(of pair: UInt64) -> Int {
    Int(truncatingIfNeeded: pair >> 32) &* 2
  }

  @inline(never)
  private mutating func numberAnywhere(
    of pair: UInt64, orNew new: UInt32, in pairs: UnsafePointer<UInt64>
  ) -> UInt32 {
    // In steps of the pair's own: near parents with many children the table is full over long
    // stretches, which to go through one by one would take ever longer.
    let mixed = (pair ^ seed).multipliedFullWidth(by: seed | 1)
    var slot = Int(truncatingIfNeeded: mixed.high ^ mixed.low) & mask
    let step = Int(truncatingIfNeeded: mixed.high &+ mixed.low >> 32) | 1
    while true {
      probeCount &+= 1
      if slots[slot] == 0 {
        slots[slot] = new
        return 0
      }
      if pairs[Int(slots[slot])] == pair { return slots[slot] }
      slot = (slot &+ step) & mask
    }
  }
}
