// SPDX-License-Identifier: Apache-2.0
//
// What the kernel tells of another process in /proc.

import SystemPackage

/// Reads /proc/PID.
enum ProcessMaps {
  /// Files that are mapped shared from their first byte on: a trace is.
  static func sharedFiles(of pid: Int32) throws -> [String] {
    var paths: [String] = []
    for line in try lines(of: FilePath("/proc/\(pid)/maps")) {
      let fields = line.split(separator: " ", maxSplits: 5)
      guard fields.count == 6, fields[1].hasSuffix("s"), fields[2].allSatisfy({ $0 == "0" })
      else { continue }
      let path = String(fields[5].drop { $0 == " " })
      if path.hasPrefix("/"), !paths.contains(path) { paths.append(path) }
    }
    return paths
  }

  /// The ids the process has in its own name space and those around it.
  static func processIDs(of pid: Int32) -> Set<UInt32> {
    let line = (try? lines(of: FilePath("/proc/\(pid)/status")))?.first { $0.hasPrefix("NSpid:") }
    let ids = line?.split { $0 == " " || $0 == "\t" }.compactMap { UInt32($0) } ?? []
    return Set(ids + [UInt32(bitPattern: pid)])
  }

  private static func lines(of path: FilePath) throws -> [String] {
    let file = try FileDescriptor.open(path, .readOnly, options: .closeOnExec)
    defer { try? file.close() }
    var text: [UInt8] = []
    var block = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = try block.withUnsafeMutableBytes { try file.read(into: $0) }
      guard count > 0 else { break }
      text += block[..<count]
    }
    return text.split(separator: UInt8(ascii: "\n")).map { String(decoding: $0, as: UTF8.self) }
  }
}
