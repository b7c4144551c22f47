// SPDX-License-Identifier: Apache-2.0
//
// `memtrace check`: the gate. Says whether the processes of a run pass, and why not.

import ArgumentParser
import MemtraceAnalyzer
import SystemPackage
import TraceFile

struct CheckCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check",
    abstract: "Fails when a recorded program leaks, grows or takes more than it may.",
    discussion: """
      Several traces, such as those of a program and its children, give one result. Without a \
      limit nothing may leak. Exit status: 0 passed, 1 failed, 65 a file cannot be used.
      """)

  @Argument(help: ArgumentHelp("The traces.", valueName: "trace"), completion: .file())
  var traces = ["trace.bin"]

  @OptionGroup var gate: CheckArguments

  @OptionGroup var files: CheckOutputs

  @Option(help: "How to show the result.")
  var format = CheckFormat.text

  @Flag(help: "Write suppressions that would silence what was found, and nothing else.")
  var printSuppressions = false

  @Option(help: "What they are for; memtrace reads both.")
  var suppressionStyle = SuppressionWriter.Style.valgrind

  @OptionGroup var destination: OutputOption

  @OptionGroup var screen: ScreenOptions

  @OptionGroup var names: NameOptions

  func run() throws {
    var options = try gate.options()
    options.sysroot = names.sysroot
    options.usesNameCache = names.usesCache
    let opened = try traces.map { try TraceFile(path: FilePath($0)) }
    let file = try destination.file(notOverwriting: traces.first ?? "")
    let progress = ProgressBar()
    let result: CheckResult
    do {
      defer { progress.finish() }
      result = try Gate.check(opened, options, progress: progress.update)
    }
    if printSuppressions {
      let sites = result.leaks + (result.growth?.sites.map(\.site) ?? [])
      try (file ?? screen.pager.output).write {
        SuppressionWriter.write(sites, as: suppressionStyle, to: $0)
      }
      return
    }
    try (file ?? screen.pager.output).write { renderer.render(result, to: $0) }
    try files.write(result)
    try gate.update(with: result)
    if !result.passed, !gate.updateBaseline { throw ExitCode(ExitStatus.gateFailed.rawValue) }
  }

  private var renderer: any CheckRenderer {
    guard format == .text else { return format.renderer }
    return CheckText(options: screen.text(isOnScreen: destination.isScreen))
  }
}

extension SuppressionWriter.Style: ExpressibleByArgument {}
