// SPDX-License-Identifier: Apache-2.0
//
// `memtrace report`: what a trace says, as text, Markdown, JSON or a page.

import ArgumentParser
import MemtraceAnalyzer
import SystemPackage
import TraceFile

struct ReportCommand: ParsableCommand {
  enum Format: String, ExpressibleByArgument, CaseIterable {
    case text
    case json
    case markdown
    case html

    /// Whether people read it: of what reads the same one line is enough.
    var isForPeople: Bool { self != .json }
  }

  static let configuration = CommandConfiguration(
    commandName: "report",
    abstract: "Shows what is outstanding, by stack; and large and sudden allocations.",
    discussion: """
      Times are counted from the start of the trace: 1.5s, 200ms, 2m; or the name of a mark \
      (mark:NAME where it looks like a time). Between two times, blocks are listed that were \
      allocated then and are still there at the end.
      """)

  @Argument(help: ArgumentHelp("The trace.", valueName: "trace"), completion: .file())
  var trace = "trace.bin"

  @Option(help: "How to show it; html is a page, markdown is for a ticket.")
  var format = Format.text

  @OptionGroup var destination: OutputOption

  @Option(
    help: ArgumentHelp(
      "Most stacks, groups or branches to list; 0 for all (text, markdown: 10; json: 0; html: "
        + "100000).",
      valueName: "n"))
  var top: Int?

  @Option(help: "What comes first.")
  var sort = SiteOrder.outstanding

  @OptionGroup var selection: SelectionOptions

  @Option(
    help: ArgumentHelp(
      "Add up stacks by the function that answers for the blocks, by its image, or by the "
        + "JavaScript function they were allocated under."))
  var groupBy = SiteGroupKey.stack

  @Option(
    help: ArgumentHelp(
      "Lay the stacks over each other: bottom-up (callers below each function) or top-down "
        + "(callees).", valueName: "direction"))
  var tree: CallTree.Direction?

  @Flag(
    inversion: .prefixedNo,
    help: ArgumentHelp(
      "Sum up frames of the allocator, the runtimes, node's insides and start-up in one line "
        + "(text only)."))
  var fold = true

  @Option(
    help: ArgumentHelp(
      "Most frames to show of a stack; 0 for all (text: 4, with --no-fold all).", valueName: "n"))
  var frames: Int?

  @Option(help: ArgumentHelp("Report single allocations from here on.", valueName: "size"))
  var large = ByteSize(byteCount: 16 << 20)

  @Option(
    help: ArgumentHelp("Report stacks that grow by this at once (as --large).", valueName: "size"))
  var burst: ByteSize?

  @Option(help: ArgumentHelp("What 'at once' is.", valueName: "time"))
  var burstWindow = TimeSpan(nanoseconds: 1_000_000_000)

  @Flag(help: "Show exact numbers of bytes.")
  var bytes = false

  @OptionGroup var screen: ScreenOptions

  @Option(
    help: ArgumentHelp(
      "A folder with the program's sources, whose lines are shown (html only).", valueName: "dir"),
    completion: .directory)
  var source: String?

  @OptionGroup(title: "Options of --format html") var log: GCLogOption

  func validate() throws {
    if let top, top < 0 { throw ValidationError("--top takes a number from 0 on") }
    if let frames, frames < 0 { throw ValidationError("--frames takes a number from 0 on") }
    if tree != nil, groupBy != .stack {
      throw ValidationError("--tree and --group-by exclude each other; leave one out")
    }
    if format == .html, tree != nil || groupBy != .stack {
      throw ValidationError("--format html has trees and groups of its own; leave these out")
    }
    if log.gcLog != nil, format != .html {
      throw ValidationError(
        "--gc-log is for --format html; in text, 'memtrace timeline' says what collections cost")
    }
    if burstWindow.nanoseconds == 0 { throw ValidationError("--burst-window takes a time above 0") }
  }

  func run() throws {
    let trace = try TraceFile(path: FilePath(trace))
    let file = try destination.file(notOverwriting: self.trace)
    var options = options
    options.collections = try log.collections(of: trace)
    let progress = ProgressBar()
    let report: LeakReport
    do {
      defer { progress.finish() }
      report = try Analyzer.report(on: trace, options: options, progress: progress.update)
    }
    try (file ?? screen.pager.output).write { renderer.render(report, to: $0) }
  }

  private var options: AnalysisOptions {
    var options = selection.analysisOptions
    options.order = sort
    options.limit = limit
    options.groupKey = groupBy
    options.passesOverPlumbing = fold
    options.treeDirection = tree
    // In text branches are cut after plumbing is folded.
    options.treeBranchLimit = format == .text ? nil : limit
    options.mergesEqualNames = format.isForPeople
    options.listsFreedSites = format == .html
    options.recordsMemory = format == .html
    options.largeThreshold = large.byteCount
    options.burstThreshold = burst?.byteCount
    options.burstWindowNanoseconds = burstWindow.nanoseconds
    return options
  }

  /// Most elements of a list; nil: all.
  private var limit: Int? {
    switch top {
    case nil:
      switch format {
      case .text, .markdown: 10
      case .json: nil
      case .html: HTMLRenderer.defaultSiteLimit
      }
    case 0: nil
    case .some(let count): count
    }
  }

  private var renderer: any ReportRenderer {
    switch format {
    case .json: return JSONRenderer()
    case .markdown: return MarkdownRenderer(showsExactBytes: bytes)
    case .html:
      var page = HTMLOptions()
      page.sourceDirectory = source
      return HTMLRenderer(options: page)
    case .text:
      var text = screen.text(isOnScreen: destination.isScreen)
      text.showsExactBytes = bytes
      text.foldsPlumbing = fold
      text.frameLimit = frames.map { $0 == 0 ? .max : $0 }
      text.branchLimit = limit
      return TextRenderer(options: text)
    }
  }
}

extension SiteOrder: ExpressibleByArgument {}
extension SiteGroupKey: ExpressibleByArgument {}
extension CallTree.Direction: ExpressibleByArgument {}
