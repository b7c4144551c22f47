// SPDX-License-Identifier: Apache-2.0
//
// The proof of the pudding: a program is run under the library, and its trace is read. It is written
// where the user's is to be, as file systems, limits and filters differ in what they let pass.

import Glibc
import MemtraceAnalyzer
import SystemPackage
import TraceFile

/// A recording of /bin/true.
struct RecordingTrial {
  private static let program = "/bin/true"

  let library: ShimLibrary
  /// The user's trace, beside which that of the trial is written.
  let output: String

  func finding() -> Finding {
    guard let folder = makeFolder() else {
      return .doubtful("trial", "no folder could be made to try a recording in")
    }
    let file = folder + "/trace.bin"
    let errors = folder + "/errors"
    defer {
      unlink(file)
      unlink(errors)
      rmdir(folder)
    }
    do {
      let end = try record(to: file, errors: errors)
      let said = (try? TextFile.read(errors)) ?? ""
      guard end == .exited(0) else { return .bad("trial", Self.failure(end, said: said)) }
      guard let trace = try? TraceFile(path: FilePath(file)) else {
        return .bad(
          "trial", "\(Self.program) ran, but was not recorded\(Self.quoted(said, from: folder))")
      }
      // It was said, too; but to a file beside the trace, for which there may be no room.
      if case .stopped(let errno) = trace.state {
        return .bad(
          "trial",
          "the recording of \(Self.program) stopped: \(Errno(rawValue: errno).description)")
      }
      return .good(
        "trial", "\(Self.program) was recorded (\(Quantity.bytes(trace.fileByteCount)))")
    } catch {
      let reason = CommandFailure(error)?.message ?? "\(error)"
      return .bad("trial", "\(Self.program) was not recorded: \(reason)")
    }
  }

  /// A fresh folder beside the output; in /tmp where that is not possible.
  private func makeFolder() -> String? {
    let beside = (try? TracePath(output).pattern).map { pattern in
      String(pattern[...(pattern.lastIndex(of: "/") ?? pattern.startIndex)])
    }
    for place in [beside, "/tmp/"].compactMap({ $0 }) {
      var template = Array("\(place)memtrace-doctor-XXXXXX".utf8CString)
      if let made = mkdtemp(&template) { return String(cString: made) }
    }
    return nil
  }

  private func record(to file: String, errors path: String) throws -> ChildProcess.End {
    var environment = RecordingEnvironment()
    environment.preload(library.path)
    environment["MEMTRACE_OUTPUT"] = file
    environment["MEMTRACE_ROOT"] = nil
    // Where the disk is full there is no such file, and the errors go where ours do.
    let errors = try? FileDescriptor.open(
      FilePath(path), .writeOnly, options: [.create, .closeOnExec], permissions: .ownerReadWrite)
    defer { try? errors?.close() }
    let child = try ChildProcess(
      [Self.program], environment: environment.assignments, errors: errors)
    return child.wait(interval: 1000) {}
  }

  static func failure(_ end: ChildProcess.End, said: String) -> String {
    switch end {
    case .signaled(SIGSYS):
      "\(program) was killed for a system call that a seccomp filter forbids; start it without "
        + "that filter (docker run --security-opt seccomp=unconfined)"
    case .signaled(let signal):
      "\(program) was killed by signal \(signal) with the library preloaded\(quoted(said))"
    case .exited(let status):
      "\(program) failed with the library preloaded (status \(status))\(quoted(said))"
    }
  }

  /// What was said last, by the loader or the library; the trial's own folder is nobody's concern.
  private static func quoted(_ said: String, from folder: String? = nil) -> String {
    guard let line = said.split(separator: "\n").last else { return "" }
    guard let folder else { return ": \(line)" }
    return ": \(line.replacing(folder + "/trace.bin", with: "the trace"))"
  }
}
