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

  @Option(help: "How to show it: text or json.")
  var format = Format.text

  @Option(name: [.short, .long], help: ArgumentHelp("Write to a file.", valueName: "file"))
  var output: String?

  @Option(
    help: ArgumentHelp("Most growing sites to list; 0 for all (text: 5, json: 0).", valueName: "n"))
  var top: Int?

  @Option(help: "Colour: auto, always or never.")
  var color = Terminal.Color.auto

  func validate() throws {
    if let top, top < 0 { throw ValidationError("--top takes a number from 0 on") }
  }

  func run() throws {
    let destination = try output.map { try OutputFile(path: $0, notOverwriting: input.trace) }
    let usual = format == .text ? 5 : 0
    let limit = top ?? usual
    let timeline = try input.timeline(siteLimit: limit == 0 ? nil : limit)
    try (destination ?? .standardOutput).write { target in
      switch format {
      case .json: JSONTimeline().render(timeline, to: target)
      case .text:
        TextTimeline(options: TextOptions(color: color, isOnScreen: output == nil))
          .render(timeline, to: target)
      }
    }
  }
}

/// What both `timeline` and `investigate` are told of a trace.
struct TimelineInput: ParsableArguments {
  @Argument(help: ArgumentHelp("The trace.", valueName: "trace"))
  var trace = "trace.bin"

  @Option(help: ArgumentHelp("Look at what comes from here on.", valueName: "time|mark"))
  var from: TimeBoundArgument?

  @Option(help: ArgumentHelp("Look at what comes up to here.", valueName: "time|mark"))
  var to: TimeBoundArgument?

  @Option(
    help: ArgumentHelp(
      "Take collections from what node printed with --trace-gc.", valueName: "file"))
  var gcLog: String?

  @Option(
    help: ArgumentHelp(
      "Single allocations, and growth at once, from here on are events (a twentieth of RSS).",
      valueName: "size"))
  var large: ByteSize?

  @Option(
    help: ArgumentHelp("A folder that stands for / when names are looked up.", valueName: "dir"))
  var sysroot: String?

  @Flag(name: .customLong("no-cache"), help: "Look every name up anew, and keep none.")
  var ignoresCache = false

  /// Reads the trace.
  func timeline(siteLimit: Int?) throws -> Timeline {
    let file = try TraceFile(path: FilePath(trace))
    var options = TimelineOptions()
    options.from = from?.bound
    options.to = to?.bound
    options.siteLimit = siteLimit
    options.largeThreshold = large?.byteCount
    options.sysroot = sysroot
    options.usesNameCache = !ignoresCache
    options.collections = try gcLog.map { path in
      let collections = try GCLog.collections(Self.text(of: path), of: file)
      guard !collections.isEmpty else {
        throw CommandFailure(
          "\(path) has no collections in it; write it with node --trace-gc", .unusableTrace)
      }
      return collections
    }
    let progress = ProgressBar()
    defer { progress.finish() }
    return try Analyzer.timeline(on: file, options: options, progress: progress.update)
  }

  private static func text(of path: String) throws -> String {
    do {
      let file = try FileDescriptor.open(FilePath(path), .readOnly, options: [.closeOnExec])
      defer { try? file.close() }
      var bytes: [UInt8] = []
      var buffer = [UInt8](repeating: 0, count: 1 << 16)
      while case let count = try buffer.withUnsafeMutableBytes({ try file.read(into: $0) }),
        count > 0
      {
        bytes += buffer[..<count]
      }
      return String(decoding: bytes, as: UTF8.self)
    } catch let errno as Errno {
      throw CommandFailure("cannot read \(path): \(errno.description)", .noSuchFile)
    }
  }
}

extension TextOptions {
  /// For a screen, or for a file, which has no width.
  init(color: Terminal.Color, isOnScreen: Bool) {
    self.init()
    width = isOnScreen ? Terminal.output.width : nil
    usesColor = isOnScreen ? Terminal.output.usesColor(color) : color == .always
    isASCII = isOnScreen && Terminal.output.isASCII
  }
}
