// SPDX-License-Identifier: Apache-2.0
//
// What kind of program a file is, as the kernel sees it.

import Glibc
import SystemPackage

/// A program file.
package enum ExecutableFile {
  case elf(ElfExecutable)
  /// `#!interpreter argument`
  case script(interpreter: String, argument: String?)
  case other
  case unreadable

  package init(path: String) {
    guard let file = try? FileDescriptor.open(FilePath(path), .readOnly, options: .closeOnExec)
    else {
      self = .unreadable
      return
    }
    defer { try? file.close() }
    let start = Self.read(file, at: 0, byteCount: 512)
    if start.starts(with: Array("#!".utf8)) {
      let line = String(
        decoding: start.prefix { $0 != UInt8(ascii: "\n") }.dropFirst(2), as: UTF8.self)
      let words = line.split(separator: " ", maxSplits: 1)
      let argument = words.count > 1 ? String(words[1]) : nil
      self = words.isEmpty ? .other : .script(interpreter: String(words[0]), argument: argument)
    } else if let elf = ElfExecutable(start, read: { Self.read(file, at: $0, byteCount: $1) }) {
      self = .elf(elf)
    } else {
      self = .other
    }
  }

  /// As many bytes as there are, up to `byteCount`; what is claimed beyond the end costs nothing.
  private static func read(_ file: FileDescriptor, at offset: UInt64, byteCount: Int) -> [UInt8] {
    guard byteCount > 0, byteCount <= 64 << 20, let offset = Int64(exactly: offset),
      let end = try? file.seek(offset: 0, from: .end), offset < end
    else { return [] }
    var bytes = [UInt8](repeating: 0, count: min(byteCount, Int(end - offset)))
    let count = bytes.withUnsafeMutableBytes {
      (try? file.read(fromAbsoluteOffset: offset, into: $0)) ?? 0
    }
    return Array(bytes.prefix(count))
  }
}
