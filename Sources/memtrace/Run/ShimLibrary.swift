// SPDX-License-Identifier: Apache-2.0
//
// Finds libmemtrace.so: named by the user, installed beside the command, or in the build tree.

import Glibc

/// The library that is preloaded.
struct ShimLibrary {
  static let fileName = "libmemtrace.so"
  static let variable = "MEMTRACE_LIBRARY"

  let path: String

  /// The library, or an error that says where it was looked for.
  static func find() throws -> ShimLibrary {
    if let named = Terminal.environment(variable), !named.isEmpty {
      guard let path = canonical(named) else {
        throw CommandFailure(
          "\(variable) names \(named), which is not there; name \(fileName) or unset it",
          .unavailable)
      }
      return ShimLibrary(path: path)
    }
    for candidate in candidates {
      if let path = canonical(candidate) { return ShimLibrary(path: path) }
    }
    throw CommandFailure(
      "cannot find \(fileName) (looked in \(candidates.joined(separator: ", "))); "
        + "run 'make', or set \(variable) to it", .unavailable)
  }

  private static var candidates: [String] {
    guard let command = canonical("/proc/self/exe") else { return [] }
    var folder = parent(of: command)
    let library = parent(of: folder) + "/lib"
    var candidates = ["\(library)/\(fileName)", "\(library)/memtrace/\(fileName)"]
    #if arch(x86_64)
      candidates.append("\(library)/x86_64-linux-gnu/\(fileName)")
    #elseif arch(arm64)
      candidates.append("\(library)/aarch64-linux-gnu/\(fileName)")
    #endif
    // SwiftPM's .build/debug/memtrace: the package is a few folders up.
    guard command.contains("/.build/") else { return candidates }
    while folder.count > 1, !folder.hasSuffix("/.build") { folder = parent(of: folder) }
    candidates.append("\(parent(of: folder))/build/lib/\(fileName)")
    return candidates
  }

  private static func canonical(_ path: String) -> String? {
    guard let resolved = realpath(path, nil) else { return nil }
    defer { free(resolved) }
    return String(cString: resolved)
  }

  private static func parent(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/"), slash != path.startIndex else { return "/" }
    return String(path[..<slash])
  }

  /// Why the loader could not be told of this path, if so: it knows no quoting.
  var unusableReason: String? {
    path.contains { $0 == " " || $0 == ":" }
      ? "the loader takes no path with a space or a colon; move \(path) or link to it" : nil
  }
}
