// SPDX-License-Identifier: Apache-2.0
//
// Where the traces of a run go: the first process writes the name asked for, those it starts the
// same name with their process id in it. The shim makes the names (trace_path.c); here they are
// only foreseen, and found again.

import Glibc
import SystemPackage

/// The name of a run's traces.
struct TracePath {
  /// Absolute, with `%p` where the process id goes.
  let pattern: String

  /// The traces at `path`, whose folder must be there and let itself be written to.
  init(_ path: String) throws {
    var folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? "."
    if folder.count > 1, folder.hasSuffix("/") { folder.removeLast() }
    guard access(folder, W_OK | X_OK) == 0 else {
      throw CommandFailure.cannotCreate(path, Errno(rawValue: errno))
    }
    var status = stat()
    if stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR {
      throw CommandFailure("cannot write \(path): it is a folder; name a file", .cannotCreate)
    }
    if path.hasPrefix("/") {
      pattern = path
    } else {
      guard let directory = getcwd(nil, 0) else {
        throw CommandFailure.cannotCreate(path, Errno(rawValue: errno))
      }
      defer { free(directory) }
      pattern = String(cString: directory) + "/" + path
    }
  }

  /// The trace of the process that was started.
  func file(of pid: pid_t) -> String {
    pattern.split(separator: "%p", omittingEmptySubsequences: false)
      .joined(separator: String(pid))
  }

  /// The name of other processes' traces, with `text` for their ids.
  func pattern(ofOthers text: String) -> String {
    let slash = pattern.lastIndex(of: "/") ?? pattern.startIndex
    let (prefix, suffix) = affixes(of: String(pattern[pattern.index(after: slash)...]))
    return String(pattern[...slash]) + prefix + text + suffix
  }

  /// Traces of other processes that were written since `time`, by name.
  func others(than pid: pid_t, since time: timespec) -> [String] {
    let slash = pattern.lastIndex(of: "/") ?? pattern.startIndex
    let folder = String(pattern[...slash])
    let (prefix, suffix) = affixes(of: String(pattern[pattern.index(after: slash)...]))
    let main = file(of: pid)
    return Self.names(in: folder)
      .filter { name in
        name.count > prefix.count + suffix.count && name.hasPrefix(prefix)
          && name.hasSuffix(suffix)
          && name.dropFirst(prefix.count).dropLast(suffix.count).allSatisfy(\.isNumber)
      }
      .map { folder + $0 }
      .filter { $0 != main && Self.isChanged($0, since: time) }
      .sorted()
  }

  /// Relative to the current folder where it lies in it.
  static func shortened(_ file: String) -> String {
    guard let directory = getcwd(nil, 0) else { return file }
    defer { free(directory) }
    let prefix = String(cString: directory) + "/"
    return file.hasPrefix(prefix) ? String(file.dropFirst(prefix.count)) : file
  }

  /// What stands before and behind the process id in the name of a descendant's trace.
  private func affixes(of name: String) -> (String, String) {
    let parts = name.split(separator: "%p", maxSplits: 1, omittingEmptySubsequences: false)
    if parts.count == 2 { return (String(parts[0]), String(parts[1])) }
    guard let dot = name.lastIndex(of: "."), dot != name.startIndex else { return (name + ".", "") }
    return (String(name[..<dot]) + ".", String(name[dot...]))
  }

  private static func names(in folder: String) -> [String] {
    guard let directory = opendir(folder) else { return [] }
    defer { closedir(directory) }
    var names: [String] = []
    while let entry = readdir(directory) {
      names.append(
        withUnsafePointer(to: &entry.pointee.d_name) {
          $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
        })
    }
    return names
  }

  private static func isChanged(_ path: String, since time: timespec) -> Bool {
    var status = stat()
    guard lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return false }
    let changed = status.st_mtim
    return changed.tv_sec > time.tv_sec
      || changed.tv_sec == time.tv_sec && changed.tv_nsec >= time.tv_nsec
  }
}
