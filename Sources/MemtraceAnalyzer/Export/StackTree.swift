// SPDX-License-Identifier: Apache-2.0
//
// Stacks laid over each other from the outermost function inwards. A million stacks have more than a
// million nodes: they are flat, and each step that stacks have in common is looked at once.

import Symbolication
import TraceFile

/// A tree of calls with one amount.
struct StackTree {
  static let noFunction: Int32 = -1
  private static let noNode: Int32 = -1

  struct Node {
    /// The node it branches off from, which has a lower number; -1 for a root.
    let parent: Int32
    /// Which of `functions`; `noFunction`: stacks without any frame.
    let function: Int32
    /// What ends here.
    var own: UInt64 = 0
    /// What ends here and in its branches; then what decides among equals.
    var whole: UInt64 = 0
    var outstanding = SiteAmount()
  }

  /// In the order of first meeting.
  private(set) var nodes: [Node] = []
  /// A frame of each function.
  private(set) var functions: FunctionFrames
  private let order: SiteOrder

  /// - Complexity: O(n) for n steps of all stacks, on average.
  init(_ sites: SiteStream, _ frames: FrameTable, _ order: SiteOrder) {
    self.order = order
    let numbers = FunctionNumbers(frames)
    functions = FunctionFrames(numbers, frames)
    let steps = sites.steps
    var nodeOfStep = [Int32](repeating: Self.noNode, count: steps.count)
    var children: [UInt64: Int32] = [:]
    var path: [UInt32] = []
    for site in sites.totals {
      path.removeAll(keepingCapacity: true)
      var step = sites.end(of: site)
      while step > StackPaths.missing, nodeOfStep[Int(step)] == Self.noNode {
        path.append(step)
        functions.meet(steps[Int(step)].meaning)
        step = steps[Int(step)].caller
      }
      var node = step > StackPaths.missing ? nodeOfStep[Int(step)] : Self.noNode
      for step in path.reversed() {
        for place in numbers.places(of: steps[Int(step)].meaning).reversed() {
          node = child(numbers.numbers[place], of: node, &children)
        }
        nodeOfStep[Int(step)] = node
      }
      if node == Self.noNode { node = child(Self.noFunction, of: node, &children) }
      nodes[Int(node)].own &+= order.amount(of: site)
      nodes[Int(node)].outstanding += SiteAmount(
        byteCount: site.outstandingBytes, count: site.outstandingCount)
    }
    addUp()
  }

  private mutating func child(
    _ function: Int32, of parent: Int32, _ children: inout [UInt64: Int32]
  ) -> Int32 {
    let key = UInt64(UInt32(bitPattern: parent)) << 32 | UInt64(UInt32(bitPattern: function))
    if let known = children[key] { return known }
    let node = Int32(truncatingIfNeeded: nodes.count)
    nodes.append(Node(parent: parent, function: function))
    children[key] = node
    return node
  }

  private mutating func addUp() {
    for index in nodes.indices.reversed() {
      nodes[index].whole &+= nodes[index].own
      guard nodes[index].parent >= 0 else { continue }
      let node = nodes[index]
      nodes[Int(node.parent)].whole &+= node.whole
      nodes[Int(node.parent)].outstanding += node.outstanding
    }
  }

  /// Calls `body` with each node and how many it is below, a node before its branches, of these what
  /// holds most first; not by recursion: a stack may be as deep as a program cares to make it.
  func walk(_ body: (Node, _ depth: Int) -> Void) {
    // By node, behind one for the roots: where the branches begin in the list of all.
    var starts = [Int32](repeating: 0, count: nodes.count + 2)
    for node in nodes { starts[Int(node.parent) + 2] += 1 }
    for index in starts.indices.dropFirst() { starts[index] += starts[index - 1] }
    var branches = [Int32](repeating: 0, count: nodes.count)
    var next = starts
    for (index, node) in nodes.enumerated() {
      branches[Int(next[Int(node.parent) + 1])] = Int32(truncatingIfNeeded: index)
      next[Int(node.parent) + 1] += 1
    }
    var open: [(node: Int32, depth: Int)] = []
    func push(_ parent: Int32, depth: Int) {
      let range = Int(starts[Int(parent) + 1])..<Int(starts[Int(parent) + 2])
      if range.count > 1 { branches[range].sort(by: isBefore) }
      for branch in branches[range].reversed() { open.append((branch, depth)) }
    }
    push(-1, depth: 0)
    while let (node, depth) = open.popLast() {
      body(nodes[Int(node)], depth)
      push(node, depth: depth + 1)
    }
  }

  private func isBefore(_ left: Int32, _ right: Int32) -> Bool {
    let (first, second) = (nodes[Int(left)], nodes[Int(right)])
    if first.whole != second.whole { return first.whole > second.whole }
    let (held, other) = (first.outstanding, second.outstanding)
    if held.byteCount != other.byteCount { return held.byteCount > other.byteCount }
    return held.count != other.count ? held.count > other.count : left < right
  }
}
