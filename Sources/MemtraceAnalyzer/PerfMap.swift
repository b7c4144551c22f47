// SPDX-License-Identifier: Apache-2.0
//
// Names of generated code that are not in the trace but beside it: makers of code other than node
// write /tmp/perf-PID.map, and nobody but them touches it. Read when a report is made, with the care
// that a file anyone may have made deserves.

import Glibc
import SystemPackage
import TraceFile

/// The file in which a traced program wrote names for perf.
struct PerfMap {
  let path: String
  /// In the order of the file.
  let names: [CodeName]

  /// What is more than this is not read: a JIT that goes on for days writes no more.
  private static let byteLimit: off_t = 1 << 30
  /// File times are coarser than the trace's, and the last names are flushed while the process ends.
  private static let slackNanoseconds: UInt64 = 2_000_000_000

  /// The map of the program of `trace`, below `root` in the place of `/`.
  ///
  /// nil unless the file belongs to the user of the trace and was written in the program's lifetime.
  /// A process that was killed or replaced may have left its number, and its file, to another.
  init?(of trace: TraceFile, root: String?) {
    guard trace.process.pid > 0, trace.state != .executed else { return nil }
    let path = "\(root ?? "")/tmp/perf-\(trace.process.pid).map"
    guard
      let file = try? FileDescriptor.open(
        FilePath(path), .readOnly, options: [.noFollow, .nonBlocking, .closeOnExec])
    else { return nil }
    defer { try? file.close() }
    guard Self.isOwn(file, of: trace) else { return nil }
    self.path = path
    names = Self.names(in: file)
    if names.isEmpty { return nil }
  }

  private static func isOwn(_ file: FileDescriptor, of trace: TraceFile) -> Bool {
    var status = stat()
    var traceStatus = stat()
    guard fstat(file.rawValue, &status) == 0, stat(trace.path.string, &traceStatus) == 0,
      status.st_mode & S_IFMT == S_IFREG, status.st_uid == traceStatus.st_uid,
      status.st_size <= byteLimit
    else { return false }
    let written = status.st_mtim
    let nanoseconds = UInt64(max(0, written.tv_sec)) * 1_000_000_000 + UInt64(written.tv_nsec)
    let start = trace.clock.startRealtimeNanoseconds
    guard nanoseconds &+ slackNanoseconds >= start else { return false }
    switch trace.state {
    case .exited, .executed:
      return nanoseconds <= start &+ trace.clock.nanoseconds(at: trace.endTicks) &+ slackNanoseconds
    case .recording, .stopped:
      // How long it lived on is not known; but nobody else has its number now.
      return trace.isStillRunning || kill(trace.process.pid, 0) != 0 && errno == ESRCH
    }
  }

  private static func names(in file: FileDescriptor) -> [CodeName] {
    var names: [CodeName] = []
    var rest: [UInt8] = []
    var isTooLong = false
    var block = [UInt8](repeating: 0, count: 64 << 10)
    while let count = try? block.withUnsafeMutableBytes({ try file.read(into: $0) }), count > 0 {
      var lines = block[..<count].split(
        separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
      let last = lines.removeLast()
      for line in lines {
        rest += line
        if !isTooLong, let name = CodeName(perfMapLine: rest, ticks: Ticks(0)) {
          names.append(name)
        }
        rest.removeAll(keepingCapacity: true)
        isTooLong = false
      }
      // What is begun and not ended, a writer that was killed leaves like that.
      if rest.count + last.count > CodeName.perfMapLineByteLimit { isTooLong = true }
      if isTooLong { rest.removeAll(keepingCapacity: true) } else { rest += last }
    }
    return names
  }
}
