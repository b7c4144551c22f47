// SPDX-License-Identifier: Apache-2.0
//
// Whether the process that writes a trace is still there.

import Glibc
import SystemPackage

/// Looks at a process from outside.
enum RunningProcess {
  /// Whether the process `pid` has `file` mapped, as every process that writes a trace does.
  ///
  /// `false` where that cannot be seen: a process of another user or of another container.
  static func maps(_ file: FileBytes, pid: Int32) -> Bool {
    guard pid > 0,
      let maps = try? FileDescriptor.open("/proc/\(pid)/maps", .readOnly, options: .closeOnExec)
    else { return false }
    defer { try? maps.close() }
    let path = realPath(of: file.path)
    var carry: [UInt8] = []
    var block = [UInt8](repeating: 0, count: 64 << 10)
    while let count = try? block.withUnsafeMutableBytes({ try maps.read(into: $0) }), count > 0 {
      carry += block[..<count]
      var lines = carry.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
      carry = Array(lines.removeLast())
      if lines.contains(where: { isMapping($0, of: file, path: path) }) { return true }
    }
    return false
  }

  /// Whether a line of `maps`, `RANGE MODE OFFSET DEVICE INODE PATH`, is of `file`.
  ///
  /// Some file systems, overlayfs and btrfs among them, show another device here than in `stat`;
  /// then the path decides.
  private static func isMapping(
    _ line: ArraySlice<UInt8>, of file: FileBytes, path: String
  ) -> Bool {
    let fields = line.split(separator: UInt8(ascii: " "), maxSplits: 5).map {
      String(decoding: $0, as: UTF8.self)
    }
    guard fields.count == 6, UInt64(fields[4]) == file.inode else { return false }
    let name = fields[5].drop { $0 == " " }
    return device(fields[3]) == file.device || name == path
  }

  /// `MAJOR:MINOR` in hexadecimal as one number, put together as glibc's `makedev` does.
  private static func device(_ text: String) -> UInt64? {
    let parts = text.split(separator: ":").map { UInt64($0, radix: 16) }
    guard parts.count == 2, let major = parts[0], let minor = parts[1] else { return nil }
    return (major & 0xfff) << 8 | (major & ~0xfff) << 32 | minor & 0xff | (minor & ~0xff) << 12
  }

  private static func realPath(of path: FilePath) -> String {
    path.withPlatformString { text in
      guard let resolved = realpath(text, nil) else { return path.string }
      defer { free(resolved) }
      return String(cString: resolved)
    }
  }
}
