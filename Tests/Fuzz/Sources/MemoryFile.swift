// SPDX-License-Identifier: Apache-2.0
//
// A file in memory, for parsers that open what they read.

import Glibc

/// Bytes under a path of /proc, which ends with the object.
final class MemoryFile {
  private let descriptor: CInt
  var path: String { "/proc/self/fd/\(descriptor)" }

  init?(_ bytes: [UInt8]) {
    // memfd_create is in no header that Glibc imports.
    descriptor = open("/dev/shm", Self.temporaryFile | O_RDWR | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { return nil }
    let count = bytes.withUnsafeBytes { pwrite(descriptor, $0.baseAddress, $0.count, 0) }
    guard count == bytes.count else { return nil }
  }

  deinit { close(descriptor) }

  // <fcntl.h> keeps O_TMPFILE for _GNU_SOURCE: __O_TMPFILE | O_DIRECTORY.
  private static let temporaryFile: CInt = 0o20_000_000 | O_DIRECTORY
}
