// SPDX-License-Identifier: Apache-2.0
//
// A control group with a memory limit, to die in.

import Foundation

/// A group below that of the tests themselves, removed with the last reference to it.
///
/// Version 1 or 2, whichever this machine lets the tests make.
final class MemoryCgroup {
  /// Why none can be made here; `nil` when one can.
  static let unavailableReason: String? = {
    guard geteuid() == 0 else { return "only root can make a control group" }
    do {
      _ = try MemoryCgroup(limitBytes: 64 << 20)
      return nil
    } catch {
      return "no control group with a memory limit can be made here: \(error)"
    }
  }()

  private static let counter = NSLock()
  nonisolated(unsafe) private static var count = 0

  let path: String
  private let isVersion1: Bool

  init(limitBytes: Int) throws {
    let number = Self.counter.withLock { () -> Int in
      Self.count += 1
      return Self.count
    }
    let name = "memtrace-test-\(getpid())-\(number)"
    let groups = try String(contentsOfFile: "/proc/self/cgroup", encoding: .utf8)
      .split(separator: "\n").map { $0.split(separator: ":", omittingEmptySubsequences: false) }
    if let own = groups.first(where: {
      $0.count == 3 && $0[1].split(separator: ",").contains("memory")
    }
    ) {
      isVersion1 = true
      path = "/sys/fs/cgroup/memory\(own[2] == "/" ? "" : own[2])/\(name)"
    } else {
      // Beside the group of the tests: below a group with processes there can be no limits.
      isVersion1 = false
      let own = groups.first { $0.count == 3 && $0[0] == "0" }?[2] ?? "/"
      let parent = (String(own) as NSString).deletingLastPathComponent
      path = "/sys/fs/cgroup\(parent == "/" ? "" : parent)/\(name)"
    }
    guard mkdir(path, 0o755) == 0 else { throw SystemError(call: "mkdir \(path)", errno: errno) }
    let file = isVersion1 ? "memory.limit_in_bytes" : "memory.max"
    do {
      try "\(limitBytes)".write(toFile: "\(path)/\(file)", atomically: false, encoding: .utf8)
    } catch {
      rmdir(path)
      throw error
    }
    if !isVersion1 {
      // Swap would put the end off.
      try? "0".write(toFile: "\(path)/memory.swap.max", atomically: false, encoding: .utf8)
    }
  }

  deinit {
    // A process that was just killed may still be on its way out.
    for _ in 0..<100 where rmdir(path) != 0 && errno == EBUSY { usleep(10_000) }
  }

  /// A shell command that runs its arguments in this group.
  var entry: String { "echo $$ > '\(path)/cgroup.procs' && exec \"$@\"" }

  /// How many processes the kernel has killed for this group's limit.
  func oomKillCount() throws -> Int {
    let file = isVersion1 ? "memory.oom_control" : "memory.events"
    let text = try String(contentsOfFile: "\(path)/\(file)", encoding: .utf8)
    let line = text.split(separator: "\n").first { $0.hasPrefix("oom_kill ") }
    return line.flatMap { Int($0.split(separator: " ")[1]) } ?? 0
  }
}
