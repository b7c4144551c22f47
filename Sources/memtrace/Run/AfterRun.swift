// SPDX-License-Identifier: Apache-2.0
//
// What `run` says when the program has ended: the first screen of its report, on standard error,
// and which other processes left traces. Whatever goes wrong here is said and changes nothing.

import Glibc
import MemtraceAnalyzer
import SystemPackage
import TraceFile

/// The end of a run.
struct AfterRun {
  /// Other traces are read for their totals as long as they are not more than this.
  private static let byteLimit: UInt64 = 256 << 20
  private static let listLimit = 3
  private static let siteLimit = 3

  let command: [String]
  let path: TracePath
  let pid: pid_t
  let since: timespec
  let color: Terminal.Color

  func show(withReport: Bool) {
    let file = path.file(of: pid)
    do {
      let trace = try TraceFile(path: FilePath(file))
      guard trace.process.pid == pid else { return sayNothingRecorded() }
      if withReport {
        StandardError.write("\n")
        try writeReport(on: trace)
      }
      StandardError.write("\n")
      let name = TracePath.shortened(file)
      StandardError.say("recorded \(name); see 'memtrace report \(name)'")
    } catch TraceFileError.noSuchFile {
      sayNothingRecorded()
    } catch {
      let message = CommandFailure(error)?.message ?? "\(error)"
      StandardError.say(message)
    }
    listOthers()
  }

  private func sayNothingRecorded() {
    let name = command.first ?? "CMD"
    StandardError.say("\(name) was not recorded; see why with 'memtrace doctor -- \(name)'")
  }

  private func writeReport(on trace: TraceFile) throws {
    var options = AnalysisOptions()
    options.limit = Self.siteLimit
    options.mergesEqualNames = true
    let progress = ProgressBar()
    let report: LeakReport
    do {
      defer { progress.finish() }
      report = try Analyzer.report(on: trace, options: options, progress: progress.update)
    }
    var text = TextOptions()
    text.isBrief = true
    text.width = Terminal.error.width
    text.isASCII = Terminal.error.isASCII
    text.usesColor = Terminal.error.usesColor(color)
    StandardError.write(TextRenderer(options: text).string(report))
  }

  /// Other processes of the run, the ones that hold most first.
  private func listOthers() {
    let others = path.others(than: pid, since: since)
    guard !others.isEmpty else { return }
    var totals: [(file: String, command: String, byteCount: UInt64)] = []
    var room = Self.byteLimit
    for file in others {
      guard let trace = try? TraceFile(path: FilePath(file)), trace.fileByteCount <= room,
        let byteCount = try? Analyzer.outstandingBytes(of: trace)
      else { continue }
      room -= trace.fileByteCount
      totals.append((file, trace.process.command.joined(separator: " "), byteCount))
    }
    totals.sort { $0.byteCount > $1.byteCount }
    let count = Quantity.count(UInt64(others.count), "other process", "other processes")
    StandardError.say("\(count) recorded as well")
    for (file, command, byteCount) in totals.prefix(Self.listLimit) {
      let name = command.isEmpty ? "?" : command
      let line = PrintableText.escaped(
        "  \(TracePath.shortened(file))  \(Quantity.bytes(byteCount)) outstanding  \(name)")
      StandardError.write(PrintableText.cut(line, to: Terminal.error.width ?? 200) + "\n")
    }
    if others.count > min(Self.listLimit, totals.count) {
      let rest = others.count - min(Self.listLimit, totals.count)
      let pattern = PrintableText.escaped(TracePath.shortened(path.pattern(ofOthers: "*")))
      StandardError.write("  … \(rest) more: \(pattern)\n")
    }
  }
}
