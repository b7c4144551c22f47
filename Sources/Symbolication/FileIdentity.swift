// SPDX-License-Identifier: Apache-2.0
//
// What tells one content of a file from another without reading it.

import Glibc

/// Size and times of a file.
struct FileIdentity: Hashable, Sendable {
  let byteCount: Int64
  /// When its content was last written, since 1970; copies that are true keep it.
  let modifiedNanoseconds: Int64
  /// When anything about it last changed: its content, its name, its owner.
  let changedNanoseconds: Int64

  /// Nil when the descriptor is none, or not that of a regular file.
  init?(descriptor: Int32) {
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
    byteCount = Int64(status.st_size)
    modifiedNanoseconds = Self.nanoseconds(status.st_mtim)
    changedNanoseconds = Self.nanoseconds(status.st_ctim)
  }

  private static func nanoseconds(_ time: timespec) -> Int64 {
    Int64(time.tv_sec) &* 1_000_000_000 &+ Int64(time.tv_nsec)
  }
}
