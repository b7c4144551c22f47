// SPDX-License-Identifier: Apache-2.0
//
// Libraries that are preloaded already, by the environment or for the whole machine: memtrace is
// put in front of them, and not all of them bear that.

import Glibc
import ProgramFile

/// Looks at what else the loader is told to load.
struct PreloadCheck {
  /// LD_PRELOAD.
  let preloaded: String
  /// LD_AUDIT.
  let auditors: String
  /// /etc/ld.so.preload.
  let everywhere: String

  static var ofThisProcess: PreloadCheck {
    PreloadCheck(
      preloaded: Terminal.environment("LD_PRELOAD") ?? "",
      auditors: Terminal.environment("LD_AUDIT") ?? "",
      everywhere: (try? TextFile.read("/etc/ld.so.preload")) ?? "")
  }

  func findings() -> [Finding] {
    let named = Self.paths(preloaded).map { ($0, "LD_PRELOAD") }
    let general = Self.paths(everywhere).map { ($0, "/etc/ld.so.preload") }
    var findings = (named + general).compactMap(Self.finding)
    if !auditors.isEmpty {
      findings.append(
        .doubtful(
          "preload",
          "LD_AUDIT names \(auditors), which is told of every library; what it allocates itself is "
            + "not recorded"))
    }
    return findings
  }

  /// The loader takes spaces and colons alike; in the file comments as well.
  private static func paths(_ text: String) -> [String] {
    text.split(separator: "\n").flatMap { line in
      line.prefix { $0 != "#" }.split { " :\t".contains($0) }.map(String.init)
    }
  }

  private static func finding(_ path: String, _ origin: String) -> Finding? {
    let name = path.split(separator: "/").last.map(String.init) ?? path
    if name == ShimLibrary.fileName {
      return .doubtful(
        "preload",
        "\(origin) has \(path) already: whatever is started here is recorded, memtrace, too; "
          + "unset it")
    }
    guard case .elf(let library) = ExecutableFile(path: path) else {
      // A bare name is looked up by the loader.
      guard path.contains("/") else { return nil }
      return .doubtful(
        "preload", "\(origin) names \(path), which is no library that can be read here")
    }
    if let sanitizer = library.sanitizer {
      return .bad(
        "preload",
        "\(origin) names \(path), the runtime of \(sanitizer), which must come before every other "
          + "library; unset it")
    }
    guard library.definesMalloc else { return nil }
    return .doubtful(
      "preload",
      "\(origin) names \(path), which has a malloc: memtrace is put in front of it, and it goes on "
        + "to serve")
  }
}
