// SPDX-License-Identifier: Apache-2.0
//
// Starts a program and waits for it and for everything it started: heaptrack compresses in
// processes of its own, and their processor time is part of its price. Waits for signals, not for
// time; only one tree at a time.

import CProcess
import Foundation

/// The processes of one run.
final class ProcessTree {
  /// Makes this process the one that waits for all descendants; to be called first.
  static func prepare() throws {
    guard bench_adopt_orphans() else { throw RunError.systemCall("prctl", errno: errno) }
    guard bench_notice_children() else { throw RunError.systemCall("eventfd", errno: errno) }
  }

  /// What is called while waiting, and how often.
  struct Watch {
    let interval: Duration
    let look: () -> Void
  }

  private let directory: String
  private let deadline: ContinuousClock.Instant
  private let limitSeconds: Double
  /// Processor time of all processes that ended so far, those of `exclude` apart.
  private(set) var processorTime = Duration.zero
  /// The largest peak of resident memory among the processes that ended so far.
  private(set) var largestResidentBytes = 0
  private var processGroups: [pid_t] = []
  private var statuses: [pid_t: Int32] = [:]
  private var excluded: Set<pid_t> = []

  /// A tree whose programs run in `directory` and have to be over when the limit has passed.
  init(in directory: String, limitSeconds: Double) {
    self.directory = directory
    self.limitSeconds = limitSeconds
    deadline = .now + .seconds(limitSeconds)
  }

  /// Starts a program; its output goes to the files `NAME.out` and `NAME.err` in the directory.
  ///
  /// With `isCounted` false its processor time is not part of the tree's.
  func start(_ command: Command, name: String, isCounted: Bool = true) throws -> pid_t {
    guard let path = command.arguments.first.flatMap(Command.installed) else {
      throw RunError.notInstalled(command.arguments.first ?? "")
    }
    let pid = try spawn(
      path, command, output: "\(directory)/\(name).out", errors: "\(directory)/\(name).err",
      in: directory)
    processGroups.append(pid)
    if !isCounted { excluded.insert(pid) }
    return pid
  }

  /// Waits for one of the programs that were started, and returns its wait status.
  func wait(for pid: pid_t, watch: Watch? = nil) throws -> Int32 {
    while statuses[pid] == nil {
      reap()
      if statuses[pid] == nil { try pause(watch) }
    }
    return statuses[pid] ?? 0
  }

  /// The wait status of one of the programs, or `nil` if it runs.
  func status(of pid: pid_t) -> Int32? {
    reap()
    return statuses[pid]
  }

  /// Waits until none of the tree's processes is left.
  func waitForAll() throws {
    while reap() { try pause(nil) }
  }

  /// Ends whatever is left, when something went wrong.
  func kill() {
    for group in processGroups { Glibc.kill(-group, SIGKILL) }
    while true {
      let pid = waitpid(-1, nil, 0)
      if pid < 0 && errno == ECHILD { return }
    }
  }

  /// Takes in all that has ended; false when there are no processes any more.
  @discardableResult
  private func reap() -> Bool {
    while true {
      var status: Int32 = 0
      var usage = rusage()
      let pid = wait4(-1, &status, WNOHANG, &usage)
      if pid == 0 { return true }
      if pid < 0 { return errno != ECHILD }
      statuses[pid] = status
      // With the time of a process comes that of the descendants it has waited for.
      if !excluded.contains(pid) {
        processorTime += Duration(usage.ru_utime) + Duration(usage.ru_stime)
        largestResidentBytes = max(largestResidentBytes, usage.ru_maxrss * 1024)
      }
    }
  }

  /// Returns when a child has ended, or after the watch's interval.
  private func pause(_ watch: Watch?) throws {
    let left = deadline - .now
    guard left > .zero else {
      throw RunError.tookTooLong("the run", seconds: limitSeconds)
    }
    watch?.look()
    bench_await_child((min(left, watch?.interval ?? left)).nanoseconds)
  }
}

extension Duration {
  /// The same length as microseconds give it.
  init(_ time: timeval) {
    self = .seconds(time.tv_sec) + .microseconds(time.tv_usec)
  }

  /// The length in milliseconds.
  var milliseconds: Double {
    Double(components.seconds) * 1e3 + Double(components.attoseconds) * 1e-15
  }

  /// The length in nanoseconds.
  var nanoseconds: Int64 {
    components.seconds * 1_000_000_000 + components.attoseconds / 1_000_000_000
  }
}
