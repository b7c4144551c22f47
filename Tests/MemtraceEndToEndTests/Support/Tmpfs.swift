// SPDX-License-Identifier: Apache-2.0
//
// A small file system in memory, to be full.

import Foundation

/// A tmpfs of its own, unmounted with the last reference to it.
final class Tmpfs {
  /// Whether one can be mounted here: by root, outside a container that forbids it.
  static let isPossible: Bool = geteuid() == 0 && (try? Tmpfs(kibibytes: 64)) != nil

  private let directory: TemporaryDirectory
  var path: String { directory.path }

  init(kibibytes: Int) throws {
    directory = try TemporaryDirectory()
    guard mount("memtrace-test", directory.path, "tmpfs", 0, "size=\(kibibytes)k") == 0 else {
      throw SystemError(call: "mount", errno: errno)
    }
  }

  deinit { umount2(directory.path, Int32(MNT_DETACH)) }
}
