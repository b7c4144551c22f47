// SPDX-License-Identifier: Apache-2.0
//
// The trace's stacks: a trie whose nodes point outwards, to their callers.

import CTraceFormat

/// Every stack of a trace.
///
/// A stack is the number of its innermost node. All questions but `frames` are answered by one look-up: the answers are worked out when the
/// table is made, in one pass, since every caller comes before what it calls.
package struct StackTable: Sendable {
  private let nodes: Nodes

  /// A table of `nodes`, whose index is their id.
  ///
  /// - Complexity: O(n) in time and memory, about 60 ns and 21 bytes a node.
  package init(nodes records: [mt_node] = []) {
    nodes = Nodes(records)
  }

  /// Nodes whose caller is not readable; their stacks are cut there and count as truncated.
  package var brokenNodeCount: UInt64 { nodes.brokenCount }

  /// Behind the last id: every stack of the trace has a smaller one.
  package var endID: StackID { StackID(UInt32(truncatingIfNeeded: nodes.flags.count)) }

  /// Whether the trace holds `stack`; 0 means "no stack" and is held by every trace.
  @inline(__always)
  package func contains(_ stack: StackID) -> Bool {
    stack.rawValue == 0 || nodes.contains(stack.rawValue)
  }

  /// The frames of `stack`, innermost first; none for a stack the trace does not hold.
  package func frames(of stack: StackID) -> Frames {
    Frames(nodes: nodes, inner: nodes.contains(stack.rawValue) ? stack.rawValue : 0)
  }

  /// How often images had been unloaded when `stack` was captured.
  package func epoch(of stack: StackID) -> UInt32 {
    guard nodes.contains(stack.rawValue) else { return 0 }
    let root = Int(nodes.roots[Int(stack.rawValue)])
    return nodes.isRoot(root) ? UInt32(clamping: nodes.addresses[root]) : 0
  }

  /// Whether the outermost frames of `stack` are missing.
  package func isTruncated(_ stack: StackID) -> Bool {
    guard nodes.contains(stack.rawValue) else { return false }
    let root = Int(nodes.roots[Int(stack.rawValue)])
    return nodes.flags[root] & (Nodes.truncated | Nodes.cut) != 0
  }

  /// One id for all stacks equal to `stack`.
  ///
  /// Two threads that meet a stack first at the same time may each have given it an id.
  package func canonical(_ stack: StackID) -> StackID {
    guard nodes.contains(stack.rawValue) else { return stack }
    return StackID(nodes.canonical[Int(stack.rawValue)])
  }

  /// Walks a stack outwards.
  package struct Frames: Sequence, IteratorProtocol {
    fileprivate let nodes: Nodes
    fileprivate var inner: UInt32

    package mutating func next() -> StackFrame? {
      let index = Int(inner)
      guard inner != 0, !nodes.isRoot(index) else { return nil }
      inner = nodes.parents[index]
      return StackFrame(
        address: Address(nodes.addresses[index]), isExact: nodes.flags[index] & Nodes.exact != 0)
    }
  }
}

/// The nodes by id, checked: every parent is 0 or the id of a node before its child.
private final class Nodes: Sendable {
  static let frame = UInt8(MT_NODE_FRAME.rawValue)
  static let root = UInt8(MT_NODE_ROOT.rawValue)
  static let truncated = UInt8(MT_NODE_TRUNCATED.rawValue)
  static let exact = UInt8(MT_NODE_EXACT.rawValue)
  /// Of our own: the caller this node names is not readable.
  static let cut: UInt8 = 0x80

  let addresses: [UInt64]
  let parents: [UInt32]
  /// 0 where there is no node.
  let flags: [UInt8]
  /// The outermost node of each node's stack: a root node, or its outermost frame.
  let roots: [UInt32]
  /// The first node equal to each node and to whose parent the same applies.
  let canonical: [UInt32]
  let brokenCount: UInt64

  init(_ records: [mt_node]) {
    let count = records.count
    addresses = records.map(\.address)
    var parents = [UInt32](repeating: 0, count: count)
    var flags = [UInt8](repeating: 0, count: count)
    var roots = [UInt32](repeating: 0, count: count)
    var brokenCount: UInt64 = 0
    for (id, record) in records.enumerated() {
      var flag = UInt8(truncatingIfNeeded: record.flags) & ~Self.cut
      guard flag & (Self.frame | Self.root) != 0 else { continue }
      var parent = flag & Self.root == 0 ? record.parent : 0
      if parent != 0, parent >= id || flags[Int(parent)] == 0 {
        parent = 0
        flag |= Self.cut
        brokenCount += 1
      }
      parents[id] = parent
      flags[id] = flag
      roots[id] = parent == 0 ? UInt32(id) : roots[Int(parent)]
    }
    canonical = Self.canonicalIDs(addresses, parents, flags)
    self.parents = parents
    self.flags = flags
    self.roots = roots
    self.brokenCount = brokenCount
  }

  @inline(__always)
  func contains(_ id: UInt32) -> Bool {
    id < flags.count && flags[Int(id)] != 0
  }

  func isRoot(_ index: Int) -> Bool { flags[index] & Self.root != 0 }

  /// For each node the first that is equal to it, seen through a hash table of ids.
  private static func canonicalIDs(
    _ addresses: [UInt64], _ parents: [UInt32], _ flags: [UInt8]
  ) -> [UInt32] {
    var bits = 4
    while 1 << bits < addresses.count * 2 { bits += 1 }
    let mask = 1 << bits - 1
    var table = [UInt32](repeating: 0, count: 1 << bits)
    var canonical = [UInt32](repeating: 0, count: addresses.count)
    for id in addresses.indices where flags[id] != 0 {
      let parent = canonical[Int(parents[id])]
      let mixed = addresses[id] ^ UInt64(parent) &* 0x9E37_79B9_7F4A_7C15 ^ UInt64(flags[id])
      var slot = Int((mixed &* 0xD6E8_FEB8_6659_FD93) >> UInt64(64 - bits))
      while true {
        let other = Int(table[slot])
        if other == 0 {
          table[slot] = UInt32(id)
          canonical[id] = UInt32(id)
          break
        }
        if addresses[other] == addresses[id], flags[other] == flags[id],
          canonical[Int(parents[other])] == parent
        {
          canonical[id] = UInt32(other)
          break
        }
        slot = (slot + 1) & mask
      }
    }
    return canonical
  }
}
