// SPDX-License-Identifier: Apache-2.0
//
// Exports look at each step that stacks have in common once; here each frame of each stack is looked
// at by itself, and the same must come out.

import MemtraceTestSupport
import Symbolication
import Testing
import TraceFile

@testable import MemtraceAnalyzer

@Suite struct SharedStepTests {
  private static func fixture(_ seed: UInt64) throws -> ExportFixture {
    try ExportFixture(seed: seed, hostileNames: (0..<Int(seed % 2) * 40).map { "function_\($0)" })
  }

  // MARK: massif

  /// The heap tree of some sites, cut from the tree of all their frames.
  private func massifTree(_ sites: [Site], _ frames: FrameTable) -> [String] {
    let tree = CallTreeBuilder(.bottomUp, frames: frames, order: .outstanding)
      .tree(of: sites, limit: nil)
    let all = sites.reduce(0) { $0 + $1.totals.outstandingBytes }
    let least = max(1, all / 100)
    func bytes(_ node: Int) -> UInt64 { tree.nodes[node].sums.outstandingBytes }
    func lines(_ parent: Int?, _ depth: Int) -> (count: Int, lines: [String]) {
      let nodes = tree.nodes.indices.filter { tree.nodes[$0].parent == parent }
      let indent = String(repeating: " ", count: depth + 1)
      var result: [String] = []
      for node in nodes where bytes(node) >= least {
        let below = lines(node, depth + 1)
        let frame = tree.nodes[node].function.map { tree.functions[$0] }
        let name = frame.map(FrameLabel.name) ?? FrameLabel.noStack
        let line = frame?.file == nil ? "" : frame?.line.map { ":\($0))" } ?? ")"
        result += ["\(indent)n\(below.count): \(bytes(node)) \(name) \(line)"] + below.lines
      }
      let large = nodes.filter { bytes($0) >= least }.count
      if large < nodes.count {
        let rest = nodes.filter { bytes($0) < least }.reduce(0) { $0 + bytes($1) }
        result.append("\(indent)n0: \(rest) in \(nodes.count - large)")
      }
      return (large + (large < nodes.count ? 1 : 0), result)
    }
    let below = lines(nil, 0)
    return ["n\(below.count): \(all)"] + below.lines
  }

  @Test(arguments: 1...6 as ClosedRange<UInt64>)
  func massifListsWhatTheTreeOfAllFramesHas(seed: UInt64) throws {
    let fixture = try Self.fixture(seed)
    let source = try fixture.source(.massif)
    let sites = source.sites.filter { $0.totals.outstandingCount > 0 }
    let expected = massifTree(Array(sites), source.report.frames)
    let text = try fixture.exportText(.massif)
    let last = try #require(text.split(separator: #/heap_tree=(detailed|peak)\n/#).last)
    let found = last.split(separator: "\n")
    try #require(found.count == expected.count)
    for (line, wanted) in zip(found, expected) {
      // What is expected is without addresses, files and words.
      let parts = wanted.split(separator: " ")
      #expect(line.hasPrefix(wanted.prefix { $0 == " " } + parts.prefix(2).joined(separator: " ")))
      for part in parts.dropFirst(2) { #expect(line.contains(part), "\(line)") }
    }
  }

  // MARK: heapprofile

  @Test(arguments: 1...6 as ClosedRange<UInt64>, [SiteOrder.outstanding, .total, .peak])
  func aStackTreeIsTheTreeOfAllFrames(seed: UInt64, order: SiteOrder) throws {
    let source = try Self.fixture(seed).source(.heapprofile, order)
    let frames = source.report.frames
    let expected = CallTreeBuilder(.topDown, frames: frames, order: order)
      .tree(of: source.sites, limit: nil)
    var depths: [Int] = []
    var next = 0
    let tree = StackTree(source.sites, frames, order)
    try #require(tree.nodes.count == expected.nodes.count)
    tree.walk { node, depth in
      let wanted = expected.nodes[next]
      depths.append(wanted.parent.map { depths[$0] + 1 } ?? 0)
      #expect(depth == depths[next])
      #expect(tree.functions.frame(node.function) == wanted.function.map { expected.functions[$0] })
      #expect(node.whole == order.amount(of: wanted.sums))
      next += 1
    }
    #expect(next == expected.nodes.count)
    #expect(
      tree.nodes.reduce(0) { $0 + $1.own } == order.amount(of: SiteSums(of: source.sites.totals)))
  }

  // MARK: callgrind and dot

  @Test(arguments: 1...6 as ClosedRange<UInt64>)
  func aCallGraphCountsAFunctionAndACallOnceForAStack(seed: UInt64) throws {
    let source = try Self.fixture(seed).source(.callgrind, .total)
    let graph = CallGraph(source)
    var inclusive: [String: SiteSums] = [:]
    var calls: [String: SiteSums] = [:]
    var own: [String: SiteSums] = [:]
    for site in source.sites {
      var path = source.report.frames.frames(of: site.stack).map {
        (function: FrameLabel.name(of: $0), line: $0.line ?? 0)
      }
      if path.isEmpty { path.append((FrameLabel.noStack, 0)) }
      if site.stack.isTruncated { path.append((FrameLabel.noOuterFrames, 0)) }
      let places = path.map { "\($0.function):\($0.line)" }
      own[places[0], default: SiteSums()].add(site.totals)
      for function in Set(path.map(\.function)) {
        inclusive[function, default: SiteSums()].add(site.totals)
      }
      for call in Set(zip(places.dropFirst(), path).map { "\($0) > \($1.function)" }) {
        calls[call, default: SiteSums()].add(site.totals)
      }
    }
    func name(_ function: Int) -> String { FrameLabel.name(of: graph.functions[function]) }
    func name(_ place: CallGraph.Place) -> String { "\(name(place.function)):\(place.line)" }
    let named = Dictionary(
      zip(graph.functions.indices.map(name), graph.inclusive)
    ) { left, _ in left }
    #expect(named == inclusive)
    #expect(Dictionary(uniqueKeysWithValues: graph.own.map { (name($0), $1) }) == own)
    #expect(
      Dictionary(
        uniqueKeysWithValues: graph.calls.map { ("\(name($0.caller)) > \(name($0.callee))", $1) })
        == calls)
    #expect(graph.all == SiteSums(of: source.sites.totals))
  }
}

extension FunctionFrames {
  fileprivate func frame(_ function: Int32) -> Frame? {
    function == StackTree.noFunction ? nil : self[function]
  }
}
