// SPDX-License-Identifier: Apache-2.0
//
// A call tree as text: how much, by which way. A function with one caller (or callee) stands below it
// without a branch of its own, so that the tree is as deep as its forks.

/// Writes the call tree.
struct TextTree {
  let report: LeakReport
  let tree: CallTree

  /// Writes the tree; `selection` what is to stand below the heading.
  func write(on page: TextPage, selection: () -> Void) {
    let stacks = Quantity.count(report.selection.matching.siteCount, "stack")
    switch tree.direction {
    case .bottomUp:
      page.heading("\(title), bottom-up", "below each function its callers; \(stacks)")
    case .topDown:
      page.heading("\(title), top-down", "below each function its callees; \(stacks)")
    }
    selection()
    TextTreeBranches(report, tree, on: page).write()
  }

  private var title: String {
    switch report.selection.order {
    case .outstanding: "Outstanding"
    case .count: "Outstanding blocks"
    case .total: "Allocated in all"
    case .allocations: "Blocks allocated in all"
    case .peak: "Peaks of stacks, added up"
    case .temporary: "Temporary allocations"
    }
  }
}

/// The branches of a tree on a page.
private struct TextTreeBranches {
  /// What holds less than this part of all is summed up with its like.
  private static let leastShare = 0.005
  private static let shareWidth = 7
  private static let amountWidth = 11

  private let page: TextPage
  private let order: SiteOrder
  private let tree: FoldedTree
  private let amounts: TextAmounts
  private let names: TextFrameNames
  private let least: UInt64

  init(_ report: LeakReport, _ tree: CallTree, on page: TextPage) {
    self.page = page
    order = report.selection.order
    self.tree = FoldedTree(tree, order: order, folds: page.options.foldsPlumbing)
    amounts = TextAmounts(report, on: page)
    names = TextFrameNames(report, page, indent: Self.shareWidth + Self.amountWidth)
    let all = order.amount(of: report.selection.matching)
    least = page.options.branchLimit == nil ? 0 : UInt64(Double(all) * Self.leastShare)
  }

  func write() {
    // Not recursion: a stack of functions may be as deep as a program cares to make it.
    var open: [(item: Item, stem: String, isLast: Bool?)] = []
    func push(_ branches: [Int], stem: String, areRoots: Bool) {
      let items = items(branches)
      for (index, item) in items.enumerated().reversed() {
        open.append((item, stem, areRoots ? nil : index == items.count - 1))
      }
    }
    push(tree.roots, stem: "", areRoots: true)
    while let (item, stem, isLast) = open.popLast() {
      let fork = isLast.map { $0 ? "└─ " : "├─ " } ?? ""
      let inner = stem + (isLast.map { $0 ? "   " : "│  " } ?? "")
      switch item {
      case .rest(let count, let amount):
        line(amount, "\(stem)\(fork)", .init("… \(Quantity.count(UInt64(count))) more", .faint))
      case .node(let first):
        line(order.amount(of: tree.nodes[first].sums), stem + fork, pieces(first))
        push(continued(first, stem: inner), stem: inner, areRoots: false)
      }
    }
  }

  /// A line of its own in the tree.
  private enum Item {
    case node(Int)
    /// So many branches that are not shown, and what they hold.
    case rest(Int, UInt64)
  }

  /// Writes what follows a node without a fork, and returns the branches of the last one.
  private func continued(_ first: Int, stem: String) -> [Int] {
    var node = first
    while let only = tree.nodes[node].branches.first, tree.nodes[node].branches.count == 1,
      order.amount(of: tree.nodes[only].sums) == order.amount(of: tree.nodes[node].sums)
    {
      line(nil, stem, pieces(only))
      node = only
    }
    return tree.nodes[node].branches
  }

  private func items(_ branches: [Int]) -> [Item] {
    let shown = branches.prefix(page.options.branchLimit ?? .max)
      .prefix { order.amount(of: tree.nodes[$0].sums) >= least }
    let rest = branches.dropFirst(shown.count)
    let items = shown.map(Item.node)
    guard !rest.isEmpty else { return items }
    return items + [
      .rest(rest.count, rest.reduce(0) { $0 &+ order.amount(of: tree.nodes[$1].sums) })
    ]
  }

  private func line(_ amount: UInt64?, _ stem: String, _ pieces: TextPage.Piece...) {
    line(amount, stem, pieces)
  }

  private func line(_ amount: UInt64?, _ stem: String, _ pieces: [TextPage.Piece]) {
    let share = amount.map { Quantity.share($0, of: amounts.whole) } ?? ""
    let text = amount.map {
      order.countsBlocks ? Quantity.count($0) : page.bytes($0)
    }
    page.line(
      [
        .init(PrintableText.padded(share, to: Self.shareWidth, onLeft: true)),
        .init(PrintableText.padded(text ?? "", to: Self.amountWidth, onLeft: true), .strong),
        .init("  " + stem, .faint),
      ] + pieces)
  }

  /// What a node is, in words.
  private func pieces(_ index: Int) -> [TextPage.Piece] {
    let node = tree.nodes[index]
    let remark = node.isRecursive ? "  (recursive)" : ""
    switch node.step {
    case .function(let frame):
      let place = names.place(of: frame)
      return [
        .init(names.name(of: frame), frame.kind == .javascript ? .javascript : .plain),
        .init((place.isEmpty ? "" : "  " + place) + remark, .faint),
      ]
    case .plumbing(let parts):
      let counts = node.frameCounts ?? 1...1
      let fewest = counts.lowerBound < counts.upperBound ? "\(counts.lowerBound) to " : ""
      return [
        .init("… \(fewest)\(PlumbingPart.words(counts.upperBound, of: parts))\(remark)", .faint)
      ]
    case .noStack:
      return [.init("(no stack recorded)", .faint)]
    }
  }
}
