// SPDX-License-Identifier: Apache-2.0
//
// Files that a user wrote and names on the command line.

import SystemPackage

/// Reads texts.
enum TextFile {
  /// The whole text of a file, which nobody writes longer by hand; what is no UTF-8 in it is replaced.
  static func read(_ path: String, byteLimit: Int = 64 << 20) throws -> String {
    do {
      let file = try FileDescriptor.open(FilePath(path), .readOnly, options: [.closeOnExec])
      return try file.closeAfter {
        var bytes: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 1 << 16)
        while case let count = try piece.withUnsafeMutableBytes({ try file.read(into: $0) }),
          count > 0
        {
          bytes += piece.prefix(count)
          guard bytes.count <= byteLimit else {
            throw CommandFailure("\(path) is too large to be what it should be", .unusableTrace)
          }
        }
        return String(decoding: bytes, as: UTF8.self)
      }
    } catch Errno.isDirectory {
      throw CommandFailure("\(path) is a folder; name a file", .unusableTrace)
    } catch let errno as Errno {
      throw CommandFailure("cannot read \(path): \(errno.description)", .noSuchFile)
    }
  }
}
