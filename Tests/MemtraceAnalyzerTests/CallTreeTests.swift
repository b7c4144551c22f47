// SPDX-License-Identifier: Apache-2.0
//
// Stacks laid over each other, both ways.

import Symbolication
import Testing
import TraceFile

@testable import MemtraceAnalyzer

@Suite struct CallTreeTests {
  /// Functions a to j of the program, and k to m of node.
  private let frames = FrameTable(
    "abcdefghij".map { [Frame(function: String($0), image: "/app/a", address: 1)] }
      + "klm".map { [Frame(function: "node::\($0)", image: "/usr/bin/node", address: 1)] })

  private func site(_ functions: String, _ byteCount: UInt64) -> Site {
    let letters = functions.unicodeScalars.map { $0.value - 97 }
    var book = SiteBook(stack: StackID(UInt32(byteCount)))
    book.began(byteCount, .malloc, at: Ticks(1))
    return Site(
      totals: SiteTotals(book, firstTicks: Ticks(1)), firstNanoseconds: 0, lastNanoseconds: 0,
      stack: ReportStack(addresses: letters))
  }

  private func tree(
    _ direction: CallTree.Direction, _ sites: [Site], limit: Int? = nil,
    collapsesRecursion: Bool = false
  ) -> CallTree {
    CallTreeBuilder(
      direction, frames: frames, order: .outstanding, collapsesRecursion: collapsesRecursion
    ).tree(of: sites, limit: limit)
  }

  /// Each node with its depth as dots.
  private func lines(_ tree: CallTree) -> [String] {
    var depths: [Int] = []
    return tree.nodes.map { node in
      let depth = node.parent.map { depths[$0] + 1 } ?? 0
      depths.append(depth)
      let name = node.function.flatMap { tree.functions[$0].function } ?? "none"
      return "\(String(repeating: ".", count: depth))\(name) \(node.sums.outstandingBytes)"
    }
  }

  private func lines(_ tree: FoldedTree) -> [String] {
    var lines: [String] = []
    func add(_ index: Int, _ depth: Int) {
      let node = tree.nodes[index]
      let step =
        switch node.step {
        case .function(let frame): frame.function ?? "?"
        case .plumbing(let parts):
          "\(node.frameCounts ?? 0...0)\(parts.map(\.rawValue).joined(separator: ","))"
        case .noStack: "none"
        }
      lines.append(
        "\(String(repeating: ".", count: depth))\(step) \(node.sums.outstandingBytes)")
      for branch in node.branches { add(branch, depth + 1) }
    }
    for root in tree.roots { add(root, 0) }
    return lines
  }

  @Test func bottomUpHasCallersBelowEachFunction() {
    let sites = [site("abc", 1), site("adc", 2), site("bc", 4)]
    #expect(
      lines(tree(.bottomUp, sites)) == [
        "b 4", ".c 4", "a 3", ".d 2", "..c 2", ".b 1", "..c 1",
      ])
  }

  @Test func topDownHasCalleesBelowEachFunction() {
    let sites = [site("abc", 1), site("adc", 2), site("bc", 4)]
    #expect(lines(tree(.topDown, sites)) == ["c 7", ".b 5", "..a 1", ".d 2", "..a 2"])
  }

  @Test func inlinedFunctionsAreFunctions() {
    let table = FrameTable([
      [Frame(function: "in", address: 1, isInlined: true), Frame(function: "out", address: 1)]
    ])
    let tree = CallTreeBuilder(.topDown, frames: table, order: .outstanding)
      .tree(of: [site("a", 1)], limit: nil)
    #expect(lines(tree) == ["out 1", ".in 1"])
  }

  @Test func stacksWithoutFramesHaveANodeOfTheirOwn() {
    #expect(lines(tree(.topDown, [site("", 3), site("a", 1)])) == ["none 3", "a 1"])
  }

  @Test func theLargestBranchesAreKept() {
    let sites = [site("abj", 1), site("acj", 2), site("adj", 4), site("ai", 8), site("bi", 16)]
    #expect(
      lines(tree(.topDown, sites, limit: 1)) == ["i 24", ".b 16"])
    #expect(
      lines(tree(.topDown, sites, limit: 2)) == [
        "i 24", ".b 16", ".a 8", "j 7", ".d 4", "..a 4", ".c 2", "..a 2",
      ])
  }

  @Test func functionsAreNumberedAsTheyStandInTheTree() {
    let sites = [site("aj", 1), site("bj", 2), site("ci", 16)]
    let whole = tree(.topDown, sites)
    #expect(whole.nodes.map(\.function) == [0, 1, 2, 3, 4])
    #expect(whole.functions.map(\.function) == ["i", "c", "j", "b", "a"])
    let cut = tree(.topDown, sites, limit: 1)
    #expect(cut.functions.map(\.function) == ["i", "c"])
  }

  @Test func recursionIsOneNodeWherePeopleRead() {
    let deep = site("a" + String(repeating: "bc", count: 200) + "d", 1)
    #expect(tree(.topDown, [deep]).nodes.count == 402)
    let short = tree(.topDown, [deep], collapsesRecursion: true)
    #expect(lines(short) == ["d 1", ".c 1", "..b 1", "...a 1"])
    #expect(short.nodes.map(\.isRecursive) == [false, false, true, false])
  }

  @Test func plumbingIsOneNodeWhicheverWayItGoes() {
    let sites = [site("akb", 1), site("aklb", 2), site("almb", 4), site("klb", 8), site("cb", 16)]
    let tree = tree(.topDown, sites)
    #expect(
      lines(FoldedTree(tree, order: .outstanding, folds: true)) == [
        "b 31", ".c 16", ".1...2node 15", "..a 7",
      ])
    #expect(lines(FoldedTree(tree, order: .outstanding, folds: false)).count == tree.nodes.count)
  }

  @Test func plumbingAtTheRootsIsFoldedToo() {
    let sites = [site("akl", 1), site("bl", 2), site("kl", 4)]
    #expect(
      lines(FoldedTree(tree(.topDown, sites), order: .outstanding, folds: true)) == [
        "1...2node 7", ".b 2", ".a 1",
      ])
  }

  @Test(arguments: CallTree.Direction.allCases, [true, false])
  func rootsAddUpToTheTotalsAndBranchesToNoMoreThanTheirNode(
    direction: CallTree.Direction, collapsesRecursion: Bool
  ) {
    var random = SystemRandomNumberGenerator()
    let sites = (1...400).map { number in
      let letters = (0..<Int.random(in: 0...9, using: &random)).compactMap { _ in
        "abcdklm".randomElement(using: &random)
      }
      return site(String(letters), UInt64(number))
    }
    let all = SiteSums(of: sites.map(\.totals))
    let tree = tree(direction, sites, collapsesRecursion: collapsesRecursion)
    var roots = SiteSums()
    var branches = [UInt64](repeating: 0, count: tree.nodes.count)
    for (index, node) in tree.nodes.enumerated() {
      if let parent = node.parent {
        #expect(parent < index)
        branches[parent] += node.sums.outstandingBytes
      } else {
        roots.add(node.sums)
      }
    }
    #expect(roots == all)
    for (node, sum) in zip(tree.nodes, branches) { #expect(sum <= node.sums.outstandingBytes) }
    for folds in [true, false] {
      let folded = FoldedTree(tree, order: .outstanding, folds: folds)
      var sum = SiteSums()
      for root in folded.roots { sum.add(folded.nodes[root].sums) }
      #expect(sum == all)
      for node in folded.nodes {
        let inner = node.branches.reduce(0) { $0 + folded.nodes[$1].sums.outstandingBytes }
        #expect(inner <= node.sums.outstandingBytes)
      }
    }
  }

  @Test func aStackOfTwentyThousandFramesIsNoTrouble() {
    var report = SampleReport.node20
    let long = (0..<20_000).map { UInt32($0 % 10) }
    report.frames = frames
    report.sites = [site("a", 5)]
    report.selection.matching = SiteSums(of: report.sites.map(\.totals))
    report.sites[0].stack = ReportStack(addresses: long)
    report.tree = CallTreeBuilder(.topDown, frames: frames, order: .outstanding)
      .tree(of: report.sites, limit: nil)
    #expect(report.tree?.nodes.count == 20_000)
    #expect(JSONRenderer().string(report).utf8.count > 20_000)
    #expect(TextRenderer().string(report).utf8.count > 20_000)
  }
}
