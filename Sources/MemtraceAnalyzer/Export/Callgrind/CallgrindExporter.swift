// SPDX-License-Identifier: Apache-2.0
//
// The format of valgrind's callgrind, which callgrind_annotate and KCachegrind open: what every
// function allocated itself, and by whom it was called to do so.

import Symbolication

/// Writes callgrind's format.
struct CallgrindExporter: Exporter {
  private static let measures: [SiteOrder] = [
    .outstanding, .count, .total, .allocations, .temporary,
  ]

  /// What comes first, and is sorted by.
  let metric: SiteOrder

  private var measures: [SiteOrder] { [metric] + Self.measures.filter { $0 != metric } }

  func export(_ source: ExportSource, to output: ReportOutput) {
    let graph = CallGraph(source)
    output.write("# callgrind format\nversion: 1\ncreator: memtrace\n")
    output.write("pid: \(source.report.trace.pid)\ncmd: \(source.commandLine)\npart: 1\n\n")
    output.write("desc: Trigger: what memtrace recorded\n")
    for measure in measures { output.write("event: \(measure.symbol) : \(measure.title)\n") }
    output.write("positions: line\n")
    output.write("events: \(measures.map(\.symbol).joined(separator: " "))\n")
    output.write("summary: \(costs(graph.all))\n\n")

    var names = Names()
    let own = Dictionary(grouping: graph.own.keys, by: \.function)
    let calls = Dictionary(grouping: graph.calls.keys, by: \.caller.function)
    for function in graph.functions.indices {
      let frame = graph.functions[function]
      output.write(names.position(frame) + "fn=\(names.function(frame, function))\n")
      for place in (own[function] ?? []).sorted(by: { $0.line < $1.line }) {
        if let sums = graph.own[place] { output.write("\(place.line) \(costs(sums))\n") }
      }
      let ordered = (calls[function] ?? []).sorted {
        ($0.caller.line, $0.callee) < ($1.caller.line, $1.callee)
      }
      for call in ordered {
        guard let sums = graph.calls[call] else { continue }
        let callee = graph.functions[call.callee]
        output.write(names.calledPosition(callee))
        output.write("cfn=\(names.function(callee, call.callee))\n")
        output.write("calls=\(max(1, sums.allocationCount)) \(callee.line ?? 0)\n")
        output.write("\(call.caller.line) \(costs(sums))\n")
      }
      output.write("\n")
    }
    output.write("totals: \(costs(graph.all))\n")
  }

  private func costs(_ sums: SiteSums) -> String {
    measures.map { String($0.amount(of: sums)) }.joined(separator: " ")
  }

  /// Names, written out where they come first: `(1) name`, then `(1)`.
  private struct Names {
    private var functions: Set<Int> = []
    private var files: [String: Int] = [:]
    private var images: [String: Int] = [:]

    mutating func function(_ frame: Frame, _ number: Int) -> String {
      let id = "(\(number + 1))"
      return functions.insert(number).inserted ? "\(id) \(FrameLabel.name(of: frame))" : id
    }

    mutating func position(_ frame: Frame) -> String {
      "ob=\(object(frame))\nfl=\(file(frame))\n"
    }

    mutating func calledPosition(_ frame: Frame) -> String {
      "cob=\(object(frame))\ncfi=\(file(frame))\n"
    }

    private mutating func object(_ frame: Frame) -> String {
      Self.compressed(frame.image.map(PrintableText.escaped), &images)
    }

    private mutating func file(_ frame: Frame) -> String {
      Self.compressed(frame.file.map(PrintableText.escaped), &files)
    }

    private static func compressed(_ name: String?, _ known: inout [String: Int]) -> String {
      let name = name.flatMap { $0.isEmpty ? nil : $0 } ?? "???"
      if let id = known[name] { return "(\(id))" }
      let id = known.count + 1
      known[name] = id
      return "(\(id)) \(name)"
    }
  }
}
