// SPDX-License-Identifier: Apache-2.0
//
// Lays stacks over each other. A large trace has a hundred thousand stacks of fifty frames, so nodes
// are flat, and functions are numbers from the first look on.

import Symbolication

/// Makes a call tree of sites.
struct CallTreeBuilder {
  private static let noFunction: Int32 = -1

  private let frames: FrameTable
  private let direction: CallTree.Direction
  private let order: SiteOrder
  private let collapsesRecursion: Bool
  private var functions: [Frame] = []
  private var numbers: [FunctionIdentity: Int32] = [:]
  /// By address: the functions of its frames, innermost first.
  private var functionsOfAddress: [UInt32: [Int32]] = [:]
  /// In the order of first meeting, so behind its parent.
  private var nodes: [CallTree.Node] = []
  /// Node by parent and function.
  private var children: [UInt64: Int32] = [:]

  /// - Parameters:
  ///   - direction: what the roots are.
  ///   - frames: what the stacks refer to.
  ///   - order: of the branches of a node.
  ///   - collapsesRecursion: whether calls that come again and again have one node.
  init(
    _ direction: CallTree.Direction, frames: FrameTable, order: SiteOrder,
    collapsesRecursion: Bool = false
  ) {
    self.direction = direction
    self.frames = frames
    self.order = order
    self.collapsesRecursion = collapsesRecursion
  }

  /// The tree of `sites`, of each node the first `limit` branches; nil: all.
  ///
  /// - Complexity: O(n log n) for n frames of all sites.
  consuming func tree(of sites: some Sequence<Site>, limit: Int?) -> CallTree {
    for site in sites { add(site) }
    var nodes = sorted(limit: limit ?? .max)
    // Numbered as they stand in the tree, without those that were cut off.
    var numbers = [Int?](repeating: nil, count: functions.count)
    var used: [Frame] = []
    for index in nodes.indices {
      guard let function = nodes[index].function else { continue }
      if numbers[function] == nil {
        numbers[function] = used.count
        used.append(functions[function])
      }
      nodes[index].function = numbers[function]
    }
    return CallTree(direction: direction, nodes: nodes, functions: used)
  }

  private mutating func add(_ site: Site) {
    var path: [Int32] = []
    for address in site.stack.addresses { path += functions(of: address) }
    if path.isEmpty { path.append(Self.noFunction) }
    if direction == .topDown { path.reverse() }
    var node: Int32 = -1
    var index = 0
    while index < path.count {
      let (length, times) =
        collapsesRecursion ? CollapsedStack.group(in: path, at: index) : (1, 1)
      for function in path[index..<index + length] {
        node = child(function, of: node)
        nodes[Int(node)].sums.add(site.totals)
      }
      if times > 1 { nodes[Int(node)].isRecursive = true }
      index += length * times
    }
  }

  private mutating func child(_ function: Int32, of parent: Int32) -> Int32 {
    let key = UInt64(UInt32(bitPattern: parent)) << 32 | UInt64(UInt32(bitPattern: function))
    if let known = children[key] { return known }
    let node = Int32(truncatingIfNeeded: nodes.count)
    nodes.append(
      CallTree.Node(
        parent: parent < 0 ? nil : Int(parent),
        function: function == Self.noFunction ? nil : Int(function), sums: SiteSums()))
    children[key] = node
    return node
  }

  private mutating func functions(of address: UInt32) -> [Int32] {
    if let known = functionsOfAddress[address] { return known }
    let new = frames[address].map { frame in
      let identity = FunctionIdentity(frame)
      guard let number = numbers[identity] else {
        numbers[identity] = Int32(truncatingIfNeeded: functions.count)
        functions.append(frame)
        return Int32(truncatingIfNeeded: functions.count - 1)
      }
      if functions[Int(number)].line != frame.line {
        functions[Int(number)].line = nil
        functions[Int(number)].column = nil
      }
      return number
    }
    functionsOfAddress[address] = new
    return new
  }

  /// The nodes, branches in order and cut.
  private func sorted(limit: Int) -> [CallTree.Node] {
    var branches = [[Int]](repeating: [], count: nodes.count)
    var roots: [Int] = []
    for (index, node) in nodes.enumerated() {
      if let parent = node.parent { branches[parent].append(index) } else { roots.append(index) }
    }
    var result: [CallTree.Node] = []
    var open: [(node: Int, parent: Int?)] = []
    func push(_ list: [Int], parent: Int?) {
      let ordered = list.sorted { order.compare(nodes[$0].sums, nodes[$1].sums) ?? ($0 < $1) }
      open += ordered.prefix(limit).reversed().map { ($0, parent) }
    }
    push(roots, parent: nil)
    while let (index, parent) = open.popLast() {
      var node = nodes[index]
      node.parent = parent
      result.append(node)
      push(branches[index], parent: result.count - 1)
    }
    return result
  }
}
