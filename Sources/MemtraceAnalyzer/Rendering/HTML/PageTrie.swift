// SPDX-License-Identifier: Apache-2.0
//
// The stacks of a page laid over each other, outermost frame first: stacks share most of their
// frames, and a page that shared none would be ten times as long.

/// Stacks as paths from a root, which is node 0 and has no frame.
struct PageTrie {
  /// By node, a parent before its children; the root is its own.
  private(set) var parents: [UInt32] = [0]
  private(set) var frames: [UInt32] = [0]
  /// Node of a parent and a frame, found by linear probing; 0 where there is none.
  ///
  /// Its size is a power of two.
  private var places = [UInt32](repeating: 0, count: 1 << 12)

  var count: Int { parents.count }

  /// The node that a stack ends at, innermost.
  mutating func node(of stack: ReportStack, _ frames: PageFrames) -> UInt32 {
    var node: UInt32 = 0
    if stack.isTruncated { node = child(of: node, UInt32(PageFrames.cut)) }
    for address in stack.addresses.reversed() {
      for frame in frames[address].reversed() { node = child(of: node, frame) }
    }
    return node == 0 ? child(of: node, UInt32(PageFrames.none)) : node
  }

  /// The node of a call from a node; a new one if there was none.
  mutating func child(of parent: UInt32, _ frame: UInt32) -> UInt32 {
    var place = Self.hash(parent, frame) & (places.count - 1)
    while places[place] != 0 {
      let node = Int(places[place])
      if parents[node] == parent, frames[node] == frame { return places[place] }
      place = (place + 1) & (places.count - 1)
    }
    let node = UInt32(truncatingIfNeeded: count)
    parents.append(parent)
    frames.append(frame)
    places[place] = node
    if 2 * count > places.count { grow() }
    return node
  }

  private mutating func grow() {
    places = [UInt32](repeating: 0, count: 2 * places.count)
    for node in 1..<count {
      var place = Self.hash(parents[node], frames[node]) & (places.count - 1)
      while places[place] != 0 { place = (place + 1) & (places.count - 1) }
      places[place] = UInt32(truncatingIfNeeded: node)
    }
  }

  private static func hash(_ parent: UInt32, _ frame: UInt32) -> Int {
    let product = (UInt64(parent) << 32 | UInt64(frame)) &* 0x9e37_79b9_7f4a_7c15
    return Int(truncatingIfNeeded: product >> 29)
  }
}
