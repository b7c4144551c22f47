// SPDX-License-Identifier: Apache-2.0
//
// How much memory a program holds at most, seen from outside: /proc/PID/status of every process of
// a tree, read again and again while the tree runs. Anonymous pages have no high-water mark in the
// kernel, so their peak is the highest value seen; the peak of all resident pages is the kernel's
// own (VmHWM) as of the last look. Reading costs processor time of its own, so runs that are
// watched are not timed.

import Foundation

/// The memory of one process at its peak, in bytes.
struct PeakMemory: Equatable, Codable, Sendable {
  /// All resident pages, those of mapped files included.
  var residentBytes = 0
  /// Pages that belong to no file.
  var anonymousBytes = 0
}

/// Looks at a tree of processes and remembers each process' peak.
final class MemoryWatch {
  /// Names of processes that belong to a tracer and not to the program it traces.
  static let tracersOwn: Set<String> = ["heaptrack", "heaptrack_inter", "heaptrack_env", "zstd"]

  private let root: pid_t
  private var peaks: [pid_t: PeakMemory] = [:]

  /// A watch over a process and its descendants.
  init(root: pid_t) { self.root = root }

  /// The peak of the process that held most, the tracer's own processes apart.
  var largest: PeakMemory {
    peaks.values.max { $0.anonymousBytes < $1.anonymousBytes } ?? PeakMemory()
  }

  /// Reads the present state of all processes of the tree.
  func look() {
    var waiting = [root]
    while let pid = waiting.popLast() {
      if let text = Self.contents(of: "/proc/\(pid)/status") { note(text, of: pid) }
      // Any thread may be the one that started a process.
      for thread in Self.names(in: "/proc/\(pid)/task") {
        let children = Self.contents(of: "/proc/\(pid)/task/\(thread)/children") ?? ""
        waiting += children.split(separator: " ").compactMap { pid_t($0) }
      }
    }
  }

  /// Takes in the text of a `/proc/PID/status`.
  func note(_ status: String, of pid: pid_t) {
    var peak = peaks[pid] ?? PeakMemory()
    for line in status.split(separator: "\n") {
      let words = line.split(whereSeparator: \.isWhitespace)
      guard words.count >= 2 else { continue }
      if words[0] == "Name:" && Self.tracersOwn.contains(String(words[1])) {
        // A fork of the tracer's script, before it becomes the program.
        return
      }
      let bytes = (Int(words[1]) ?? 0) * 1024
      if words[0] == "VmHWM:" { peak.residentBytes = max(peak.residentBytes, bytes) }
      if words[0] == "RssAnon:" { peak.anonymousBytes = max(peak.anonymousBytes, bytes) }
    }
    peaks[pid] = peak
  }

  private static func names(in directory: String) -> [String] {
    guard let stream = opendir(directory) else { return [] }
    defer { closedir(stream) }
    var names: [String] = []
    while let entry = readdir(stream) {
      let name = withUnsafeBytes(of: &entry.pointee.d_name) {
        String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
      }
      if !name.hasPrefix(".") { names.append(name) }
    }
    return names
  }

  private static func contents(of path: String) -> String? {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    let bytes = [UInt8](unsafeUninitializedCapacity: 8192) { buffer, count in
      count = max(0, read(descriptor, buffer.baseAddress, buffer.count))
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
