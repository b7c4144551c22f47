// SPDX-License-Identifier: Apache-2.0
//
// Asks the machine which programs and libraries it has, by running them.

import Foundation

/// What is installed here.
struct Probe {
  /// A directory to run programs in.
  let directory: String

  /// A library that can be preloaded.
  struct Library {
    let path: String
    /// The file it stands for: `libjemalloc.so.2` may be `libjemalloc.so.2.3.1`.
    let version: String
  }

  /// Where distributions put libraries, most specific first.
  private static let folders = [
    "/usr/lib/x86_64-linux-gnu", "/lib/x86_64-linux-gnu", "/usr/lib64", "/usr/lib",
    "/usr/local/lib",
  ]

  /// A library by its name, or `nil`.
  func library(_ name: String) -> Library? {
    guard
      let path = Self.folders.map({ "\($0)/\(name)" }).first(where: {
        FileManager.default.fileExists(atPath: $0)
      })
    else { return nil }
    let file = URL(fileURLWithPath: path).resolvingSymlinksInPath()
    return Library(path: path, version: file.lastPathComponent)
  }

  /// What a program prints to stdout and stderr; nothing when it cannot be run.
  func output(of arguments: [String], environment: [String: String] = [:]) -> String {
    let tree = ProcessTree(in: directory, limitSeconds: 30)
    do {
      let pid = try tree.start(Command(arguments, environment: environment), name: "probe")
      _ = try tree.wait(for: pid)
      try tree.waitForAll()
    } catch {
      tree.kill()
      return ""
    }
    return ["out", "err"].map {
      (try? String(contentsOfFile: "\(directory)/probe.\($0)", encoding: .utf8)) ?? ""
    }
    .joined()
  }

  /// The first line that a program prints.
  func firstLine(of arguments: [String]) -> String {
    output(of: arguments).split(separator: "\n").first.map(String.init) ?? ""
  }
}
