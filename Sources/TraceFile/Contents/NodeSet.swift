// SPDX-License-Identifier: Apache-2.0
//
// Some nodes of the stack trie, numbered without gaps: a bit for each node there is, and a sum for
// every sixty-four.

/// Nodes, each with its rank among them.
struct NodeSet: Sendable {
  private let bits: [UInt64]
  /// How many come before each word of `bits`.
  private let ranks: [UInt32]
  let count: Int

  /// The nodes that some stacks go through.
  ///
  /// - Complexity: O(n) for n such nodes, and a bit for every node.
  init(through stacks: some Sequence<StackID>, in trie: StackTrie) {
    var bits = [UInt64](repeating: 0, count: (trie.idLimit + 63) / 64)
    bits.withUnsafeMutableBufferPointer { bits in
      trie.pairs.withUnsafeBufferPointer { pairs in
        for stack in stacks where trie.contains(stack.rawValue) {
          var node = Int(stack.rawValue)
          while node != 0, bits[node >> 6] & 1 &<< UInt64(node & 63) == 0 {
            bits[node >> 6] |= 1 &<< UInt64(node & 63)
            node = Int(pairs[node] >> 32)
          }
        }
      }
    }
    var count = 0
    ranks = bits.map { word in
      defer { count += word.nonzeroBitCount }
      return UInt32(truncatingIfNeeded: count)
    }
    self.bits = bits
    self.count = count
  }

  func contains(_ node: UInt32) -> Bool {
    let word = Int(node >> 6)
    return word < bits.count && bits[word] & 1 &<< UInt64(node & 63) != 0
  }

  /// How many nodes of the set come before one of them.
  @inline(__always)
  func rank(of node: UInt32) -> UInt32 {
    let word = Int(node >> 6)
    let before = bits[word] & (1 &<< UInt64(node & 63) &- 1)
    return ranks[word] &+ UInt32(truncatingIfNeeded: before.nonzeroBitCount)
  }

  /// Calls `body` with every node, the lowest id first.
  @inline(__always)
  func forEach(_ body: (UInt32) -> Void) {
    for word in bits.indices {
      var rest = bits[word]
      while rest != 0 {
        body(UInt32(truncatingIfNeeded: word << 6 + rest.trailingZeroBitCount))
        rest &= rest &- 1
      }
    }
  }
}
