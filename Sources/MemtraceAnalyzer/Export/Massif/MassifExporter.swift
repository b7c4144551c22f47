// SPDX-License-Identifier: Apache-2.0
//
// The format of valgrind's massif, which ms_print and massif-visualizer open: the heap at a hundred
// instants, some of them with the stacks that held it, callers below each function.

/// Writes massif's format.
struct MassifExporter: Exporter {
  /// As massif does by default: every tenth snapshot is detailed, and the highest one.
  private static let detailDistance = 10

  func export(_ source: ExportSource, to output: ReportOutput) {
    guard let history = source.history else { return }
    output.write("desc: recorded by memtrace\ncmd: \(source.commandLine)\ntime_unit: ms\n")
    let shown = history.instants.indices.filter { history.hasSites(at: $0) }
    let peak = shown.max {
      history.totals[$0].outstandingBytes < history.totals[$1].outstandingBytes
    }
    let numbers = FunctionNumbers(source.report.frames)
    for (number, instant) in shown.enumerated() {
      output.write("#-----------\nsnapshot=\(number)\n#-----------\n")
      output.write("time=\(history.instants[instant] / 1_000_000)\n")
      output.write("mem_heap_B=\(history.totals[instant].outstandingBytes)\n")
      output.write("mem_heap_extra_B=0\nmem_stacks_B=0\n")
      let isLast = number == shown.count - 1
      if instant == peak || number % Self.detailDistance == Self.detailDistance - 1 || isLast {
        output.write("heap_tree=\(instant == peak ? "peak" : "detailed")\n")
        MassifTree(source.sites.steps, numbers, source.report.frames)
          .write(history.held(at: instant), to: output)
      } else {
        output.write("heap_tree=empty\n")
      }
    }
  }
}
