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
    findings.append(Self.libc(version: Self.libcVersion()))
    findings += Self.confinement()
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

  /// As in "2.36"; empty for another libc.
  private static func libcVersion() -> String {
    var text = [CChar](repeating: 0, count: 64)
    guard confstr(Int32(_CS_GNU_LIBC_VERSION), &text, text.count) > 0 else { return "" }
    let words = String(
      decoding: text.map { UInt8(bitPattern: $0) }.prefix { $0 != 0 }, as: UTF8.self)
    return words.split(separator: " ").last.map(String.init) ?? ""
  }

  /// Whether the library can run with this libc.
  static func libc(version: String) -> Finding {
    let parts = version.split(separator: ".").compactMap { Int($0) }
    guard parts.count >= 2 else { return .doubtful("libc", "glibc \(version) is not known") }
    if (parts[0], parts[1]) < (2, 34) {
      return .bad("libc", "glibc \(version) is too old: 2.34 or later is needed")
    }
    if (parts[0], parts[1]) < (2, 35) {
      return .doubtful(
        "libc", "glibc \(version): images that are loaded later are recorded at the end only")
    }
    return .good("libc", "glibc \(version)")
  }

  /// What this process was forbidden, and its children with it.
  private static func confinement() -> [Finding] {
    var findings: [Finding] = []
    func text(_ path: String) -> Substring { ((try? TextFile.read(path)) ?? "")[...] }
    let profile = text("/proc/self/attr/apparmor/current").prefix { $0 != "\n" && $0 != "\0" }
    if profile.hasSuffix("(enforce)") {
      findings.append(
        .doubtful(
          "confinement",
          "AppArmor confines this session (\(profile)): it must allow reading the library and "
            + "writing the trace"))
    }
    if text("/proc/self/status").split(separator: "\n").contains("Seccomp:\t2") {
      findings.append(
        .doubtful(
          "confinement",
          "a seccomp filter is in force, as in containers; the trial tells whether it lets pass "
            + "what the library needs"))
    }
    return findings
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
