// SPDX-License-Identifier: Apache-2.0
//
// Ranges of addresses that may overlap, laid over each other once, so that what lies on top at an
// address is found by a binary search. Symbols, units of debug information and generated code are
// all looked up this way.

/// Which of many ranges covers an address, where a later range hides earlier ones.
struct LayeredRanges: Sendable {
  private static let uncovered: Int32 = -1

  /// Where the range on top changes, ascending; and which one it is from there on.
  private var boundaries: [UInt64] = []
  private var tops: [Int32] = []

  /// - Complexity: O(n log n)
  init(_ ranges: [Range<UInt64>]) {
    let byStart = ranges.indices.filter { !ranges[$0].isEmpty }
      .sorted { (ranges[$0].lowerBound, $0) < (ranges[$1].lowerBound, $1) }
    var active = MaxHeap()
    var next = byStart.startIndex
    var position: UInt64 = 0
    while next < byStart.endIndex || !active.isEmpty {
      if active.isEmpty { position = ranges[byStart[next]].lowerBound }
      while next < byStart.endIndex, ranges[byStart[next]].lowerBound <= position {
        active.push(Int32(byStart[next]))
        next += 1
      }
      while let top = active.top, ranges[Int(top)].upperBound <= position { active.popTop() }
      appendBoundary(at: position, top: active.top ?? Self.uncovered)
      guard let top = active.top else { continue }
      position = ranges[Int(top)].upperBound
      if next < byStart.endIndex { position = min(position, ranges[byStart[next]].lowerBound) }
    }
  }

  /// The index of the last range given that covers `address`.
  ///
  /// - Complexity: O(log n)
  func top(at address: UInt64) -> Int? {
    var low = 0
    var high = boundaries.count
    while low < high {
      let middle = (low + high) / 2
      if boundaries[middle] <= address { low = middle + 1 } else { high = middle }
    }
    guard low > 0, tops[low - 1] != Self.uncovered else { return nil }
    return Int(tops[low - 1])
  }

  private mutating func appendBoundary(at position: UInt64, top: Int32) {
    if let last = tops.last, last == top { return }
    boundaries.append(position)
    tops.append(top)
  }
}

/// A heap of numbers, the greatest on top.
private struct MaxHeap {
  private var items: [Int32] = []

  var isEmpty: Bool { items.isEmpty }
  var top: Int32? { items.first }

  mutating func push(_ item: Int32) {
    items.append(item)
    var child = items.count - 1
    while child > 0 {
      let parent = (child - 1) / 2
      guard items[parent] < items[child] else { return }
      items.swapAt(parent, child)
      child = parent
    }
  }

  mutating func popTop() {
    let last = items.removeLast()
    guard !items.isEmpty else { return }
    items[0] = last
    var parent = 0
    while true {
      var child = 2 * parent + 1
      guard child < items.count else { return }
      if child + 1 < items.count, items[child] < items[child + 1] { child += 1 }
      guard items[parent] < items[child] else { return }
      items.swapAt(parent, child)
      parent = child
    }
  }
}
