// SPDX-License-Identifier: Apache-2.0
//
// `memtrace export`: a trace in the format of another tool.

import ArgumentParser
import MemtraceAnalyzer
import SystemPackage
import TraceFile

struct ExportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export",
    abstract: "Writes a trace in a format that another tool opens.",
    discussion: """
      pprof: go tool pprof; heapprofile: Chrome's developer tools (Memory); speedscope: \
      speedscope.app; collapsed: flamegraph.pl, inferno; massif: ms_print, massif-visualizer; \
      callgrind: callgrind_annotate, KCachegrind; firefox: profiler.firefox.com; csv, ndjson: \
      spreadsheets, databases, jq; dot: Graphviz. The sums are those of 'memtrace report'.
      """)

  @Argument(help: ArgumentHelp("The trace.", valueName: "trace"), completion: .file())
  var trace = "trace.bin"

  @Option(help: "Which format.")
  var format: ExportFormat

  @OptionGroup var destination: OutputOption

  @Option(
    help: """
      What stacks are measured by. Where a format holds several, which comes first.
      """)
  var metric = SiteOrder.outstanding

  @Option(
    help: "Of csv, the table; series has 200 instants, samples are of the process's memory.")
  var table = CSVTable.sites

  @OptionGroup var selection: SelectionOptions

  func validate() throws {
    if table != .sites, format != .csv { throw ValidationError("--table is for --format csv") }
    if let reason = format.refusal(of: metric) { throw ValidationError(reason) }
  }

  func run() throws {
    if format.isBinary, destination.isScreen, Terminal.output.isTerminal {
      throw CommandFailure(
        "\(format.rawValue) is no text; name a file with -o, or redirect the output", .wrongUsage)
    }
    let trace = try TraceFile(path: FilePath(trace))
    let file = try destination.file(notOverwriting: self.trace)
    var options = selection.analysisOptions
    options.order = format.order(for: metric)
    let progress = ProgressBar()
    let source: ExportSource
    do {
      defer { progress.finish() }
      source = try Analyzer.exportSource(
        of: trace, options: options, instantCount: format.instantCount(table),
        progress: progress.update)
    }
    let exporter = format.exporter(metric, table: table)
    try (file ?? .standardOutput).write { try exporter.export(source, to: $0) }
  }
}

extension ExportFormat: ExpressibleByArgument {}
extension CSVTable: ExpressibleByArgument {}
