// SPDX-License-Identifier: Apache-2.0
//
// The tree of a detailed snapshot of massif: functions that allocated, callers below each, and what
// is too little to be listed in one line a branch.

import Symbolication

/// The heap tree of one snapshot.
struct MassifTree {
  // As massif does by default.
  private static let depthLimit = 30
  private static let leastShare = 0.01

  private enum Line {
    case node(Int)
    /// So many branches, and what they hold.
    case rest(Int, UInt64)
  }

  private let tree: CallTree
  private let branches: [[Int]]
  private let roots: [Int]
  private let all: UInt64
  private let least: UInt64

  init(of sites: [Site], _ frames: FrameTable) {
    tree = CallTreeBuilder(.bottomUp, frames: frames, order: .outstanding).tree(
      of: sites, limit: nil)
    all = sites.reduce(0) { $0 &+ $1.totals.outstandingBytes }
    least = max(1, UInt64(Double(all) * Self.leastShare))
    var branches = [[Int]](repeating: [], count: tree.nodes.count)
    var roots: [Int] = []
    for (index, node) in tree.nodes.enumerated() {
      if let parent = node.parent { branches[parent].append(index) } else { roots.append(index) }
    }
    self.branches = branches
    self.roots = roots
  }

  func write(to output: ReportOutput) {
    let first = lines(roots, depth: 0)
    output.write("n\(first.count): \(all) ")
    output.write("(heap allocation functions) malloc/new/new[], --alloc-fns, etc.\n")
    var open = first.reversed().map { (line: $0, depth: 1) }
    while let (line, depth) = open.popLast() {
      output.write(String(repeating: " ", count: depth))
      switch line {
      case .node(let index):
        let below = lines(branches[index], depth: depth)
        output.write("n\(below.count): \(bytes(index)) \(name(of: tree.nodes[index]))\n")
        open += below.reversed().map { ($0, depth + 1) }
      case .rest(let count, let bytes):
        let places = count == 1 ? "1 place," : "\(count) places, all"
        output.write("n0: \(bytes) in \(places) below massif's threshold (1.00%)\n")
      }
    }
  }

  private func bytes(_ node: Int) -> UInt64 { tree.nodes[node].sums.outstandingBytes }

  /// The lines below a node; its branches stand in order, so what holds little is at the end.
  private func lines(_ nodes: [Int], depth: Int) -> [Line] {
    guard depth < Self.depthLimit else { return [] }
    let large = nodes.prefix { bytes($0) >= least }
    let rest = nodes.dropFirst(large.count)
    let lines = large.map(Line.node)
    guard !rest.isEmpty else { return lines }
    return lines + [.rest(rest.count, rest.reduce(0) { $0 &+ bytes($1) })]
  }

  /// As massif writes a place in code: `0x4005B6: main (foo.c:12)`.
  private func name(of node: CallTree.Node) -> String {
    guard let function = node.function else { return "0x0: \(FrameLabel.noStack)" }
    let frame = tree.functions[function]
    let address = String(frame.address, radix: 16, uppercase: true)
    var name = "0x\(address): \(FrameLabel.name(of: frame))"
    if let file = frame.file, !file.isEmpty {
      let base = PrintableText.escaped(file.split(separator: "/").last.map(String.init) ?? file)
      name += " (\(base)\(frame.line.map { ":\($0)" } ?? ""))"
    } else if let image = frame.image {
      name += " (in \(PrintableText.escaped(image)))"
    }
    // What is behind this sign is a comment to ms_print.
    guard name.utf8.contains(UInt8(ascii: "#")) else { return name }
    return String(name.flatMap { $0 == "#" ? "\\x23" : String($0) })
  }
}
