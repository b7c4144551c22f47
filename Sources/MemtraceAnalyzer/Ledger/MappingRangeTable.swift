// SPDX-License-Identifier: Apache-2.0
//
// The ranges of address space that are mapped, in order and without overlap.
// Sorted leaves under a sorted list of leaves: a program may hold tens of thousands of mappings,
// and a damaged file any number, so that one sorted array would be moved about too much.

import TraceFile

/// Disjoint ranges by address.
struct MappingRangeTable {
  /// One range, from `start` up to, not including, `end`.
  struct Range: Equatable {
    var start: UInt64
    var end: UInt64
    var stack: StackID
    var kind: MappingKind
    /// False for what was mapped before the time asked for.
    var isCounted: Bool

    var byteCount: UInt64 { end - start }
  }

  private static let leafCapacity = 128

  /// None is empty; the ranges of one lie below those of the next.
  private var leaves: [[Range]] = []

  /// Puts a range in; nothing may be mapped there.
  mutating func insert(_ range: Range) {
    guard !leaves.isEmpty else {
      leaves.append([range])
      return
    }
    let leaf = leafIndex(below: range.start)
    let place = Self.firstIndex(in: leaves[leaf]) { $0.start > range.start }
    leaves[leaf].insert(range, at: place)
    if leaves[leaf].count > Self.leafCapacity {
      let upper = Array(leaves[leaf][(Self.leafCapacity / 2)...])
      leaves[leaf].removeSubrange((Self.leafCapacity / 2)...)
      leaves.insert(upper, at: leaf + 1)
    }
  }

  /// Takes all ranges out that overlap `start..<end`, whole, the lowest first.
  mutating func takeOverlapping(_ start: UInt64, _ end: UInt64) -> [Range] {
    var taken: [Range] = []
    guard !leaves.isEmpty, start < end else { return taken }
    var leaf = leafIndex(below: start)
    while leaf < leaves.count {
      let first = Self.firstIndex(in: leaves[leaf]) { $0.end > start }
      let behind = Self.firstIndex(in: leaves[leaf]) { $0.start >= end }
      let reachesFurther = behind == leaves[leaf].count
      if first < behind {
        taken += leaves[leaf][first..<behind]
        leaves[leaf].removeSubrange(first..<behind)
      }
      if leaves[leaf].isEmpty {
        leaves.remove(at: leaf)
      } else {
        leaf += 1
      }
      guard reachesFurther else { break }
    }
    return taken
  }

  /// Every range, the lowest first.
  var all: [Range] { leaves.flatMap { $0 } }

  /// Traps if ranges overlap or are out of order; for tests.
  func checkInvariants() {
    var end: UInt64 = 0
    for leaf in leaves {
      precondition(!leaf.isEmpty && leaf.count <= Self.leafCapacity, "size of a leaf")
      for range in leaf {
        precondition(range.start < range.end, "an empty range")
        precondition(range.start >= end, "overlapping ranges")
        end = range.end
      }
    }
  }

  /// The last leaf that begins at or below `address`, or the first.
  private func leafIndex(below address: UInt64) -> Int {
    let above = Self.firstIndex(in: leaves) { leaf in
      leaf.first.map { $0.start > address } ?? false
    }
    return max(0, above - 1)
  }

  /// The first element for which `isBehind` holds; it must hold for all that follow.
  private static func firstIndex<Element>(
    in array: [Element], where isBehind: (Element) -> Bool
  ) -> Int {
    var low = 0
    var high = array.count
    while low < high {
      let middle = (low + high) / 2
      if isBehind(array[middle]) { high = middle } else { low = middle + 1 }
    }
    return low
  }
}
