// SPDX-License-Identifier: Apache-2.0
//
// A control group with a memory limit, of version 1 or 2, where one can be made.

import Foundation

/// A group that is removed with the last reference to it.
final class MemoryGroup {
  private let path: String

  init?(limitByteCount: Int) {
    let name = "memtrace-test-\(getpid())-\(UInt32.random(in: 0...UInt32.max))"
    for (root, limit) in [
      ("/sys/fs/cgroup/memory", "memory.limit_in_bytes"), ("/sys/fs/cgroup", "memory.max"),
    ] {
      let path = "\(root)/\(name)"
      guard mkdir(path, 0o755) == 0 else { continue }
      if Self.write("\(limitByteCount)", to: "\(path)/\(limit)") {
        self.path = path
        return
      }
      rmdir(path)
    }
    return nil
  }

  deinit { rmdir(path) }

  func add(_ pid: pid_t) -> Bool { Self.write("\(pid)", to: path + "/cgroup.procs") }

  private static func write(_ text: String, to path: String) -> Bool {
    let file = open(path, O_WRONLY | O_CLOEXEC)
    guard file >= 0 else { return false }
    defer { close(file) }
    return Glibc.write(file, text, text.utf8.count) == text.utf8.count
  }
}
