// SPDX-License-Identifier: Apache-2.0
//
// `run --check`: all traces of a run, judged together when it is over. What the program was to say goes to
// standard output, the verdict to standard error, and the program's own failure counts more.

import Glibc
import MemtraceAnalyzer
import SystemPackage
import TraceFile

/// The gate at the end of a run.
struct CheckOfRun {
  let command: [String]
  let path: TracePath
  let pid: pid_t
  let since: timespec
  let end: ChildProcess.End
  let options: CheckOptions
  let color: Terminal.Color
  let isQuiet: Bool

  /// Says whether the run passes; returns the status to exit with.
  func exitStatus(_ gate: CheckArguments, _ files: CheckOutputs) throws -> Int32 {
    let result = try check()
    if !isQuiet || !result.passed {
      StandardError.write("\n")
      StandardError.write(text.string(result))
      let count = result.processes.count
      let processes = Quantity.count(UInt64(count), "process", "processes")
      let first = TracePath.shortened(result.processes.first?.trace.path ?? path.file(of: pid))
      let others = TracePath.shortened(path.pattern(ofOthers: "*"))
      StandardError.say(
        "checked \(processes), "
          + (count <= 1 ? "its trace is \(first)" : "traces at \(first) and \(others)"))
    }
    try files.write(result)
    if end != .exited(0) { return end.shellStatus }
    try gate.update(with: result)
    return result.passed || gate.updateBaseline ? 0 : ExitStatus.gateFailed.rawValue
  }

  private func check() throws -> CheckResult {
    let main = path.file(of: pid)
    var traces: [TraceFile] = []
    var isRecorded = false
    if let trace = try? TraceFile(path: FilePath(main)), trace.process.pid == pid {
      traces.append(trace)
      isRecorded = true
    }
    for file in path.others(than: pid, since: since) {
      traces.append(try TraceFile(path: FilePath(file)))
    }
    let progress = ProgressBar()
    defer { progress.finish() }
    var signal: Int32?
    if isRecorded, case .signaled(let number) = end { signal = number }
    // A shell's exec keeps the process: then its last program has the trace of that name.
    return try Gate.check(
      traces, options,
      notRecorded: isRecorded || !traces.isEmpty ? nil : command.joined(separator: " "),
      signal: signal, progress: progress.update)
  }

  private var text: CheckText {
    var text = TextOptions()
    text.width = Terminal.error.width
    text.isASCII = Terminal.error.isASCII
    text.usesColor = Terminal.error.usesColor(color)
    return CheckText(options: text)
  }
}
