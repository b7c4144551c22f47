// SPDX-License-Identifier: Apache-2.0
//
// `memtrace doctor`: says why a program can or cannot be recorded here.

import ArgumentParser
import MemtraceAnalyzer

struct DoctorCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor",
    abstract: "Says why a program can or cannot be recorded.",
    usage: "memtrace doctor [-o FILE] [-- CMD...]",
    discussion: "Exit status: 0 if nothing prevents a recording, 69 if something does.")

  @Option(
    name: [.short, .long],
    help: ArgumentHelp("The trace that is to be written.", valueName: "file"),
    completion: .file())
  var output = "trace.bin"

  @OptionGroup var screen: ScreenOptions

  @Argument(
    parsing: .captureForPassthrough,
    help: ArgumentHelp("The program to look at.", valueName: "cmd"),
    completion: .file())
  var words: [String] = []

  func validate() throws {
    try validatePassthrough(words)
  }

  func run() throws {
    var findings = EnvironmentCheck(output: output).findings()
    findings += Self.findings(on: Array(words.drop { $0 == "--" }))
    let isPrevented = findings.contains { $0.verdict == .bad }
    try screen.pager.output.write { output in
      for finding in findings { show(finding, on: output) }
      output.write(
        isPrevented ? "A recording is not possible.\n" : "Nothing prevents a recording.\n")
    }
    if isPrevented { throw ExitCode(ExitStatus.unavailable.rawValue) }
  }

  /// What is to be said of a command, and of the one that it starts, if that is all it does.
  static func findings(on command: [String]) -> [Finding] {
    guard let program = command.first else { return [] }
    let launcher = LauncherCheck(command: command)
    return ProgramCheck(program: program).findings() + launcher.findings()
      + (launcher.launched.map(findings) ?? [])
  }

  private func show(_ finding: Finding, on output: ReportOutput) {
    let (word, code) =
      switch finding.verdict {
      case .good: ("ok  ", "32")
      case .doubtful: ("note", "33")
      case .bad: ("FAIL", "1;31")
      }
    let usesColor = Terminal.output.usesColor(screen.color)
    let mark = usesColor ? "\u{1b}[\(code)m\(word)\u{1b}[0m" : word
    let text = "\(finding.subject): \(finding.meaning)"
    let width = max(40, (Terminal.output.width ?? 100) - 6)
    let lines = PrintableText.wrapped(PrintableText.escaped(text), to: width)
    for (index, line) in lines.enumerated() {
      output.write(index == 0 ? "\(mark)  \(line)\n" : "      \(line)\n")
    }
  }
}
