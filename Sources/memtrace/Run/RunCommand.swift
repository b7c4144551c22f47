// SPDX-License-Identifier: Apache-2.0
//
// `memtrace run`: records a program, and shows what it left behind when it ends.
// It stays out of the program's way: nothing goes to standard output, and the exit status is the
// program's own.

import ArgumentParser
import Glibc
import MemtraceAnalyzer
import SystemPackage
import TraceFile

struct RunCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run",
    abstract: "Records a program, then shows what it leaks.",
    usage: "memtrace run [OPTIONS] -- CMD...",
    discussion: """
      CMD runs as it would without memtrace, in this terminal. Its trace goes to trace.bin; \
      processes that it starts write trace.PID.bin. An older trace is kept as trace.bin.old. \
      memtrace exits as CMD did (128+N when signal N ended it). With --check it judges what CMD and its \
      children leak, and exits with 1 if that does not pass and CMD itself did not fail.
      """)

  @Option(
    name: [.short, .long],
    help: ArgumentHelp(
      "The trace to write; %p stands for the process id.", valueName: "file"),
    completion: .file())
  var output: String?

  @Option(help: ArgumentHelp("Frames to keep per stack (512).", valueName: "n"))
  var depth: Int?

  @Flag(help: "Do not ask node for the names of JavaScript functions.")
  var noJs = false

  @Flag(help: "Write every event down, short-lived blocks included.")
  var noFold = false

  @Flag(help: "Do not show a report at the end.")
  var noReport = false

  @Flag(name: [.short, .long], help: "Say nothing but errors.")
  var quiet = false

  @Flag(
    help: "Check what CMD and its children leak, as one result; see the options below.")
  var check = false

  @OptionGroup(title: "Options of --check") var gate: CheckArguments

  @OptionGroup(title: "Options of --check") var files: CheckOutputs

  @Option(help: "Whether to use colors.")
  var color = Terminal.Color.auto

  @Argument(
    parsing: .captureForPassthrough,
    help: ArgumentHelp("The program and its arguments.", valueName: "cmd"),
    completion: .file())
  var words: [String] = []

  /// What to run, without the `--` in front of it.
  private var command: [String] {
    words.first == "--" ? Array(words.dropFirst()) : words
  }

  func validate() throws {
    try validatePassthrough(words)
    guard let first = command.first, !first.isEmpty else {
      throw ValidationError("name the program to run: memtrace run -- CMD")
    }
    if let depth, !(1...4096).contains(depth) {
      throw ValidationError("--depth takes a number from 1 to 4096")
    }
    if !check, gate.isUsed || files.isUsed {
      throw ValidationError("limits and files for the result need --check")
    }
  }

  func run() throws {
    let shim = try ShimLibrary.find()
    if let reason = shim.unusableReason { throw CommandFailure(reason, .unavailable) }
    // What is wrong with the files that they name is known before the program has run.
    let gateOptions = check ? try gate.options() : nil
    let path = try TracePath(
      output ?? Terminal.environment("MEMTRACE_OUTPUT").flatMap { $0.isEmpty ? nil : $0 }
        ?? "trace.bin")
    var since = timespec()
    clock_gettime(CLOCK_REALTIME_COARSE, &since)
    let started = try start(environment(shim, path))
    let status = StatusLine(
      command: command, trace: path.file(of: started.pid), isShown: !quiet)
    let end = started.wait(interval: 250, tick: status.update)
    status.finish()
    if let gateOptions {
      let run = CheckOfRun(
        command: command, path: path, pid: started.pid, since: since, end: end,
        options: gateOptions, color: color, isQuiet: quiet)
      throw ExitCode(try run.exitStatus(gate, files))
    }
    if !quiet {
      AfterRun(command: command, path: path, pid: started.pid, since: since, color: color)
        .show(withReport: !noReport)
    }
    throw ExitCode(end.shellStatus)
  }

  private func environment(_ shim: ShimLibrary, _ path: TracePath) -> [String] {
    var environment = RecordingEnvironment()
    environment.preload(shim.path)
    environment["MEMTRACE_OUTPUT"] = path.pattern
    // This process is not part of the recording it begins.
    environment["MEMTRACE_ROOT"] = nil
    if let depth { environment["MEMTRACE_DEPTH"] = String(depth) }
    if noJs { environment["MEMTRACE_JS"] = "0" }
    if noFold { environment["MEMTRACE_FOLD"] = "0" }
    return environment.assignments
  }

  private func start(_ environment: [String]) throws -> ChildProcess {
    do {
      do {
        return try ChildProcess(command, environment: environment)
      } catch Errno.execFormatError where command[0].contains("/") {
        // A script without #!, which a shell runs itself.
        return try ChildProcess(["/bin/sh"] + command, environment: environment)
      }
    } catch let error as Errno {
      let name = command[0]
      switch error {
      case .noSuchFileOrDirectory, .notDirectory:
        throw CommandFailure("\(name): command not found", .commandNotFound)
      default:
        throw CommandFailure("cannot run \(name): \(error.description)", .cannotExecute)
      }
    }
  }
}
