// SPDX-License-Identifier: Apache-2.0
//
// A graph for Graphviz: who calls whom to allocate. What holds little is left out, and said.

import Symbolication

/// Writes a graph in the language of dot.
struct DotExporter: Exporter {
  /// More boxes than this are no picture.
  private static let functionLimit = 60
  private static let leastShare = 0.002
  private static let nameLimit = 80

  func export(_ source: ExportSource, to output: ReportOutput) {
    let order = source.order
    let graph = CallGraph(source)
    let all = order.amount(of: graph.all)
    let least = max(1, UInt64(Double(all) * Self.leastShare))
    let shown = graph.functions.indices
      .filter { order.amount(of: graph.inclusive[$0]) >= least }
      .sorted { order.amount(of: graph.inclusive[$0]) > order.amount(of: graph.inclusive[$1]) }
      .prefix(Self.functionLimit)
    let isShown = Set(shown)

    output.write("digraph memtrace {\n")
    output.write("  graph [label=\(quoted(title(source, graph, all, shown.count))), labelloc=t,")
    output.write(" labeljust=l, fontname=\"Helvetica\"];\n")
    output.write("  node [shape=box, fontname=\"Helvetica\", style=filled];\n")
    output.write("  edge [fontname=\"Helvetica\", fontsize=10];\n")
    let own = Self.own(graph, order)
    for function in shown {
      write(function, graph, own[function] ?? 0, all, order, to: output)
    }
    for (call, amount) in Self.calls(graph, order, among: isShown, least: least) {
      let width = 1 + 6 * Double(amount) / Double(max(all, 1))
      output.write("  f\(call.caller) -> f\(call.callee) [label=")
      output.write(quoted(Self.words(amount, order)))
      output.write(", penwidth=\(Double(Int(width * 10)) / 10)];\n")
    }
    output.write("}\n")
  }

  private func title(
    _ source: ExportSource, _ graph: CallGraph, _ all: UInt64, _ shownCount: Int
  ) -> String {
    let order = source.order
    let left = graph.functions.count - shownCount
    return """
      \(PrintableText.cut(source.commandLine, to: 120))
      \(order.title): \(Self.words(all, order)) (\(all))
      \(shownCount) of \(graph.functions.count) functions\(left > 0 ? "; the others hold less" : "")
      """
  }

  private func write(
    _ function: Int, _ graph: CallGraph, _ own: UInt64, _ all: UInt64, _ order: SiteOrder,
    to output: ReportOutput
  ) {
    let frame = graph.functions[function]
    let amount = order.amount(of: graph.inclusive[function])
    let name = FrameLabel.name(of: frame)
    let short = PrintableText.cut(
      ShortName.shortened(name, limit: Self.nameLimit), to: Self.nameLimit)
    let place = frame.kind == .javascript ? frame.file : FrameLabel.image(of: frame)
    var lines = [short]
    if let place, !place.isEmpty {
      lines.append(PrintableText.cutFront(PrintableText.escaped(place), to: Self.nameLimit))
    }
    if own > 0, own != amount { lines.append("itself \(Self.words(own, order))") }
    lines.append("\(Self.words(amount, order)) (\(Quantity.share(amount, of: all)))")
    let color =
      frame.kind == .javascript ? "#d9f2d9" : FrameRank(frame) == .own ? "#ffe0cc" : "#eeeeee"
    let tooltip = PrintableText.cut(name, to: 4 * Self.nameLimit)
    output.write("  f\(function) [label=\(quoted(lines.joined(separator: "\n"))),")
    output.write(" fillcolor=\"\(color)\", tooltip=\(quoted(tooltip))];\n")
  }

  private static func words(_ amount: UInt64, _ order: SiteOrder) -> String {
    order.countsBlocks ? Quantity.count(amount, "block") : Quantity.bytes(amount)
  }

  /// By function, all its lines together.
  private static func own(_ graph: CallGraph, _ order: SiteOrder) -> [Int: UInt64] {
    var own: [Int: UInt64] = [:]
    for (place, sums) in graph.own { own[place.function, default: 0] &+= order.amount(of: sums) }
    return own
  }

  private struct Edge: Hashable {
    var caller: Int
    var callee: Int
  }

  /// Calls between functions that are shown, in a fixed order.
  private static func calls(
    _ graph: CallGraph, _ order: SiteOrder, among shown: Set<Int>, least: UInt64
  ) -> [(key: Edge, value: UInt64)] {
    var edges: [Edge: UInt64] = [:]
    for (call, sums) in graph.calls {
      let caller = call.caller.function
      guard shown.contains(caller), shown.contains(call.callee) else { continue }
      edges[Edge(caller: caller, callee: call.callee), default: 0] &+= order.amount(of: sums)
    }
    return edges.filter { $0.value >= least }
      .sorted { ($0.key.caller, $0.key.callee) < ($1.key.caller, $1.key.callee) }
  }

  /// A text in quotes: dot knows escapes of its own, and the entities of HTML.
  private func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "&": result += "&amp;"
      case "\n": result += "\\n"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }
}
