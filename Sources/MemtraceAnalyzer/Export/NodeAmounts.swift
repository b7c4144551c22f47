// SPDX-License-Identifier: Apache-2.0
//
// What each node of a call tree has of its own, beside what it has with its branches.

/// Amounts of a tree's nodes.
struct NodeAmounts {
  /// By node: without its branches.
  private(set) var own: [UInt64]

  init(_ tree: CallTree, _ order: SiteOrder) {
    let whole = tree.nodes.map { order.amount(of: $0.sums) }
    own = whole
    for (index, node) in tree.nodes.enumerated() {
      guard let parent = node.parent else { continue }
      own[parent] &-= whole[index]
    }
  }
}
