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

  /// ST_NOEXEC, which Swift's Glibc module leaves out.
  private static let noExecution: UInt = 8

  let output: String

  func findings() -> [Finding] {
    var findings: [Finding] = []
    do {
      let shim = try ShimLibrary.find()
      findings += Self.library(shim)
      findings.append(RecordingTrial(library: shim, output: output).finding())
    } catch {
      findings.append(.bad("library", CommandFailure(error)?.message ?? "\(error)"))
    }
    findings.append(Self.libc(version: Self.libcVersion()))
    findings += PreloadCheck.ofThisProcess.findings()
    findings += ConfinementCheck.ofThisProcess.findings()
    findings.append(unwinder())
    findings += place()
    findings.append(
      .good("privileges", "none are needed: no ptrace, no root, no kernel setting"))
    return findings
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

  /// Whether every user's loader can map it.
  static func library(_ shim: ShimLibrary) -> [Finding] {
    var findings = [Finding.good("library", shim.path)]
    if let reason = shim.unusableReason { findings.append(.bad("library", reason)) }
    if access(shim.path, R_OK) != 0 {
      findings.append(.bad("library", "\(shim.path) must not be read by this user"))
    }
    var system = statvfs()
    if statvfs(shim.path, &system) == 0, system.f_flag & Self.noExecution != 0 {
      findings.append(
        .bad(
          "library",
          "\(shim.path) lies on a file system that is mounted noexec, from which the loader takes "
            + "no library; copy it elsewhere and name it in \(ShimLibrary.variable)"))
    }
    return findings
  }

  private func place() -> [Finding] {
    do {
      let path = try TracePath(output).pattern
      let folder = String(path[...(path.lastIndex(of: "/") ?? path.startIndex)])
      var status = statvfs()
      guard statvfs(folder, &status) == 0 else { return [.good("output", path)] }
      let free = UInt64(status.f_bavail) &* UInt64(status.f_frsize)
      let text = "\(path); \(Quantity.bytes(free)) free"
      var findings = Self.fileSizeLimit()
      if status.f_files > 0, status.f_favail == 0 {
        findings.append(.bad("output", "\(path): its file system has no room for one more file"))
      } else if free < Self.comfortableByteCount {
        findings.append(
          .doubtful("output", "\(text); a long recording will stop when that is used up"))
      } else {
        findings.append(.good("output", text))
      }
      return findings
    } catch {
      return [.bad("output", CommandFailure(error)?.message ?? "\(error)")]
    }
  }

  /// A file must not grow beyond `ulimit -f`.
  private static func fileSizeLimit() -> [Finding] {
    var limit = rlimit()
    guard getrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit) == 0,
      UInt64(limit.rlim_cur) < comfortableByteCount
    else { return [] }
    let bytes = Quantity.bytes(UInt64(limit.rlim_cur))
    return [
      .doubtful("output", "no file may be larger than \(bytes) (ulimit -f); recording stops there")
    ]
  }
}
