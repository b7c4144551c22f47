// SPDX-License-Identifier: Apache-2.0
//
// `memtrace diff`: what is outstanding at one instant and at another, of one trace or of two.

import ArgumentParser
import MemtraceAnalyzer
import SystemPackage
import TraceFile

struct DiffCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "diff",
    abstract: "Compares what is outstanding in two traces, or at two instants of one.",
    discussion: """
      Stacks are matched by function, file and image, so that neither other addresses nor other \
      lines matter. Of two traces the ends are compared; --from is another instant of the first, \
      --to of the second. Of one trace they are the two instants: times (1.5s, 2m) or marks.
      """)

  @Argument(help: ArgumentHelp("One trace, or two.", valueName: "trace"), completion: .file())
  var traces: [String] = []

  @Option(help: ArgumentHelp("The earlier instant.", valueName: "time|mark"))
  var from: TimeBoundArgument?

  @Option(help: ArgumentHelp("The later instant.", valueName: "time|mark"))
  var to: TimeBoundArgument?

  @Option(help: "How to show it.")
  var format = TimelineCommand.Format.text

  @OptionGroup var destination: OutputOption

  @Option(help: ArgumentHelp("Most stacks to list; 0 for all (text: 12, json: 0).", valueName: "n"))
  var top: Int?

  @Flag(help: "Show exact numbers of bytes.")
  var bytes = false

  @OptionGroup var screen: ScreenOptions

  @OptionGroup var names: NameOptions

  func validate() throws {
    guard (1...2).contains(traces.count) else {
      throw ValidationError("name two traces, or one and --from and --to")
    }
    if traces.count == 1, from == nil, to == nil {
      throw ValidationError(
        "with one trace, name two instants of it: --from TIME|MARK --to TIME|MARK")
    }
    if let top, top < 0 { throw ValidationError("--top takes a number from 0 on") }
  }

  func run() throws {
    let files = try traces.map { try TraceFile(path: FilePath($0)) }
    let file = try destination.file(notOverwriting: traces[traces.count - 1])
    let diff = try diff(files)
    try (file ?? screen.pager.output).write { target in
      switch format {
      case .json: JSONDiff().render(diff, to: target)
      case .text:
        var text = screen.text(isOnScreen: destination.isScreen)
        text.showsExactBytes = bytes
        TextDiff(options: text).render(diff, to: target)
      }
    }
  }

  private func diff(_ files: [TraceFile]) throws -> TraceDiff {
    var options = DiffOptions()
    options.from = from?.bound
    options.to = to?.bound
    let limit = top ?? (format == .text ? 12 : 0)
    options.limit = limit == 0 ? nil : limit
    options.sysroot = names.sysroot
    options.usesNameCache = names.usesCache
    let progress = ProgressBar()
    defer { progress.finish() }
    if let second = files.dropFirst().first {
      return try Analyzer.diff(
        of: files[0], and: second, options: options, progress: progress.update)
    }
    return try Analyzer.diff(of: files[0], options: options, progress: progress.update)
  }
}
