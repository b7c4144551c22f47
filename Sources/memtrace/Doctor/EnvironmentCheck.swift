// SPDX-License-Identifier: Apache-2.0
//
// What a recording needs of this machine, whatever the program.

import Glibc
import MemtraceAnalyzer
import SystemPackage
import TraceFile

/// Looks at the library, the unwinder, and the place for the trace.
struct EnvironmentCheck {
  /// Less room than this is soon filled.
  private static let comfortableByteCount: UInt64 = 256 << 20

  let output: String

  func findings() -> [Finding] {
    var findings: [Finding] = []
    do {
      let shim = try ShimLibrary.find()
      findings.append(.good("library", shim.path))
      if let reason = shim.unusableReason { findings.append(.bad("library", reason)) }
      findings.append(trial(shim))
    } catch {
      findings.append(.bad("library", CommandFailure(error)?.message ?? "\(error)"))
    }
    findings.append(unwinder())
    findings += place()
    findings.append(
      .good("privileges", "none are needed: no ptrace, no root, no kernel setting"))
    return findings
  }

  /// Whether the library really records: a program is run under it.
  private func trial(_ shim: ShimLibrary) -> Finding {
    var template = Array("/tmp/memtrace-doctor-XXXXXX".utf8CString)
    guard let made = mkdtemp(&template) else {
      return .doubtful("trial", "no folder could be made in /tmp to try a recording in")
    }
    let folder = String(cString: made)
    let file = folder + "/trace.bin"
    defer {
      unlink(file)
      rmdir(folder)
    }
    var environment = RecordingEnvironment()
    environment.preload(shim.path)
    environment["MEMTRACE_OUTPUT"] = file
    environment["MEMTRACE_ROOT"] = nil
    do {
      let child = try ChildProcess(["/bin/true"], environment: environment.assignments)
      let end = child.wait(interval: 1000) {}
      guard end == .exited(0) else {
        return .bad("trial", "/bin/true failed with the library preloaded (\(end))")
      }
      let trace = try TraceFile(path: FilePath(file))
      return .good("trial", "/bin/true was recorded (\(Quantity.bytes(trace.fileByteCount)))")
    } catch {
      let reason = CommandFailure(error)?.message ?? "\(error)"
      return .bad("trial", "/bin/true was not recorded: \(reason)")
    }
  }

  private func unwinder() -> Finding {
    guard let library = dlopen("libunwind.so.8", RTLD_NOW | RTLD_LOCAL) else {
      return .doubtful(
        "unwinder",
        "libunwind.so.8 is missing; stacks of code without frame pointers will be cut short; "
          + "install libunwind8")
    }
    dlclose(library)
    return .good("unwinder", "libunwind.so.8")
  }

  private func place() -> [Finding] {
    do {
      let path = try TracePath(output).pattern
      let folder = String(path[...(path.lastIndex(of: "/") ?? path.startIndex)])
      var status = statvfs()
      guard statvfs(folder, &status) == 0 else { return [.good("output", path)] }
      let free = UInt64(status.f_bavail) &* UInt64(status.f_frsize)
      let text = "\(path); \(Quantity.bytes(free)) free"
      guard free >= Self.comfortableByteCount else {
        return [
          .doubtful("output", "\(text); a long recording will stop when that is used up")
        ]
      }
      return [.good("output", text)]
    } catch {
      return [.bad("output", CommandFailure(error)?.message ?? "\(error)")]
    }
  }
}
