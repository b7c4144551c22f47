// SPDX-License-Identifier: Apache-2.0
//
// `memtrace timeline`: how memory moved, which kind of growth that is, and how fast.

import ArgumentParser
import MemtraceAnalyzer
import SystemPackage
import TraceFile

struct TimelineCommand: ParsableCommand {
  enum Format: String, ExpressibleByArgument, CaseIterable {
    case text
    case json
  }

  static let configuration = CommandConfiguration(
    commandName: "timeline",
    abstract: "Shows memory over time: is it a leak, which kind, how fast, since when.",
    discussion: """
      Times are counted from the start of the trace: 1.5s, 200ms, 2m; or the name of a mark \
      (mark:NAME where it looks like a time). Without --from, start-up is left out of what is \
      judged; without --to, the frees of an exit.
      """)

  @OptionGroup var input: TimelineInput

  @Option(help: "How to show it.")
  var format = Format.text

  @OptionGroup var destination: OutputOption

  @Option(
    help: ArgumentHelp("Most growing sites to list; 0 for all (text: 5, json: 0).", valueName: "n"))
  var top: Int?

  @OptionGroup var screen: ScreenOptions

  func validate() throws {
    if let top, top < 0 { throw ValidationError("--top takes a number from 0 on") }
  }

  func run() throws {
    let file = try destination.file(notOverwriting: input.trace)
    let usual = format == .text ? 5 : 0
    let limit = top ?? usual
    let timeline = try input.timeline(siteLimit: limit == 0 ? nil : limit)
    try (file ?? screen.pager.output).write { target in
      switch format {
      case .json: JSONTimeline().render(timeline, to: target)
      case .text:
        TextTimeline(options: screen.text(isOnScreen: destination.isScreen))
          .render(timeline, to: target)
      }
    }
  }
}

/// What both `timeline` and `investigate` are told of a trace.
struct TimelineInput: ParsableArguments {
  @Argument(help: ArgumentHelp("The trace.", valueName: "trace"), completion: .file())
  var trace = "trace.bin"

  @Option(help: ArgumentHelp("Look at what comes from here on.", valueName: "time|mark"))
  var from: TimeBoundArgument?

  @Option(help: ArgumentHelp("Look at what comes up to here.", valueName: "time|mark"))
  var to: TimeBoundArgument?

  @OptionGroup var log: GCLogOption

  @Option(
    help: ArgumentHelp(
      "Single allocations, and growth at once, from here on are events (a twentieth of RSS).",
      valueName: "size"))
  var large: ByteSize?

  @OptionGroup var names: NameOptions

  /// Reads the trace.
  func timeline(siteLimit: Int?) throws -> Timeline {
    let file = try TraceFile(path: FilePath(trace))
    var options = TimelineOptions()
    options.from = from?.bound
    options.to = to?.bound
    options.siteLimit = siteLimit
    options.largeThreshold = large?.byteCount
    options.sysroot = names.sysroot
    options.usesNameCache = names.usesCache
    options.collections = try log.collections(of: file)
    let progress = ProgressBar()
    defer { progress.finish() }
    return try Analyzer.timeline(on: file, options: options, progress: progress.update)
  }
}
