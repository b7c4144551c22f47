// SPDX-License-Identifier: Apache-2.0
//
// `memtrace mark`: gives an instant of a running recording a name.

import ArgumentParser
import CTraceFormat
import Glibc

struct MarkCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "mark",
    abstract: "Names this instant in the trace of a running program.",
    discussion: """
      The name is then a time for --from and --to of 'memtrace report'. With - for the name, each \
      line of standard input is a mark, made when it is read.
      """)

  @Argument(help: ArgumentHelp("The process that is recorded.", valueName: "pid"))
  var pid: Int32

  @Argument(
    help: ArgumentHelp("What to call this instant; -: as standard input says.", valueName: "name"))
  var name: String

  @Flag(help: "Make it a snapshot: an instant that is meant to be compared.")
  var snapshot = false

  func validate() throws {
    guard pid > 0 else { throw ValidationError("a process id is above 0") }
    guard !name.isEmpty, name.utf8.count <= Int(MT_MARK_NAME_BYTE_LIMIT) else {
      throw ValidationError("a name has 1 to \(MT_MARK_NAME_BYTE_LIMIT) bytes")
    }
  }

  func run() throws {
    let now = Self.monotonicNow()
    let trace = try RunningTrace(pid: pid)
    guard name == "-" else { return try trace.append(mark(name, at: now)) }
    while let line = readLine() {
      let name = Self.cut(line)
      if !name.isEmpty { try trace.append(mark(name, at: Self.monotonicNow())) }
    }
  }

  private func mark(_ name: String, at nanoseconds: UInt64) -> MarkChunk {
    MarkChunk(
      name: name, kind: snapshot ? MT_MARK_SNAPSHOT : MT_MARK_NAMED,
      monotonicNanoseconds: nanoseconds)
  }

  /// As much of a line as a name may have.
  private static func cut(_ line: String) -> String {
    var name = line
    while name.utf8.count > Int(MT_MARK_NAME_BYTE_LIMIT) { name.removeLast() }
    return name
  }

  private static func monotonicNow() -> UInt64 {
    var now = timespec()
    clock_gettime(CLOCK_MONOTONIC, &now)
    return UInt64(now.tv_sec) * 1_000_000_000 + UInt64(now.tv_nsec)
  }
}
