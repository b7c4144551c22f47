// SPDX-License-Identifier: Apache-2.0
//
// A call tree in which whatever plumbing lies between two functions is one node, so that the same
// functions called through different plumbing are one branch.

import Symbolication

/// A call tree for people.
struct FoldedTree {
  /// What a node stands for.
  enum Step: Equatable {
    case function(Frame)
    case plumbing([PlumbingPart])
    case noStack
  }

  struct Node {
    var step: Step
    var sums: SiteSums
    var isRecursive: Bool
    /// Of plumbing: the fewest and the most frames that lie there.
    var frameCounts: ClosedRange<Int>?
    /// In order, the largest first.
    var branches: [Int] = []
  }

  private(set) var nodes: [Node] = []
  private(set) var roots: [Int] = []

  private struct Key: Hashable {
    var parent: Int?
    /// nil: plumbing.
    var function: Int??
  }

  /// - Parameters:
  ///   - tree: every node in it behind its parent.
  ///   - order: of the branches.
  ///   - folds: whether plumbing is one node.
  init(_ tree: CallTree, order: SiteOrder, folds: Bool) {
    let parts = tree.functions.map { folds ? FrameRank($0).part : nil }
    var places: [Key: Int] = [:]
    // By node of `tree`: the node here, and how many frames of plumbing it ends.
    var folded: [(node: Int, plumbing: Int)] = []
    for (index, node) in tree.nodes.enumerated() {
      let parent = node.parent.map { folded[$0] }
      let part = node.function.flatMap { parts[$0] }
      let run = part == nil ? 0 : (parent?.plumbing ?? 0) + 1
      let place: Int
      if let parent, run > 1 {
        place = parent.node
      } else {
        let key = Key(parent: parent?.node, function: part == nil ? .some(node.function) : .none)
        if let known = places[key] {
          place = known
          nodes[place].sums.add(node.sums)
        } else {
          place = add(node, of: tree, part, parent: parent?.node)
          places[key] = place
        }
        if let parent, parent.plumbing > 0 { end(parent.node, after: parent.plumbing) }
      }
      if let part {
        addPart(part, to: place)
        let hasBranches = index + 1 < tree.nodes.count && tree.nodes[index + 1].parent == index
        if !hasBranches { end(place, after: run) }
      }
      if node.isRecursive { nodes[place].isRecursive = true }
      folded.append((place, run))
    }
    sort(order)
  }

  private mutating func add(
    _ node: CallTree.Node, of tree: CallTree, _ part: PlumbingPart?, parent: Int?
  ) -> Int {
    let step: Step
    if part != nil {
      step = .plumbing([])
    } else if let function = node.function {
      step = .function(tree.functions[function])
    } else {
      step = .noStack
    }
    nodes.append(Node(step: step, sums: node.sums, isRecursive: false))
    if let parent {
      nodes[parent].branches.append(nodes.count - 1)
    } else {
      roots.append(nodes.count - 1)
    }
    return nodes.count - 1
  }

  private mutating func addPart(_ part: PlumbingPart, to node: Int) {
    guard case .plumbing(let parts) = nodes[node].step, !parts.contains(part) else { return }
    nodes[node].step = .plumbing(parts + [part])
  }

  /// A way through the plumbing of a node has so many frames.
  private mutating func end(_ node: Int, after count: Int) {
    let known = nodes[node].frameCounts ?? count...count
    nodes[node].frameCounts = min(known.lowerBound, count)...max(known.upperBound, count)
  }

  private mutating func sort(_ order: SiteOrder) {
    let all = nodes
    let isBefore = { (left: Int, right: Int) in
      order.compare(all[left].sums, all[right].sums) ?? (left < right)
    }
    roots.sort(by: isBefore)
    for index in nodes.indices { nodes[index].branches.sort(by: isBefore) }
  }
}
