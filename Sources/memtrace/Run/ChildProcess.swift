// SPDX-License-Identifier: Apache-2.0
//
// Runs a program in the foreground as a shell would: same terminal, same process group. Signals
// are taken one by one while waiting, so that no handler runs and nothing is interrupted.

import Glibc
import SystemPackage

/// A program that was started and is waited for.
struct ChildProcess {
  /// How a program ended.
  enum End: Equatable {
    case exited(Int32)
    case signaled(Int32)

    /// As a shell reports it.
    var shellStatus: Int32 {
      switch self {
      case .exited(let status): status
      case .signaled(let signal): 128 + signal
      }
    }
  }

  let pid: pid_t
  private var watched: sigset_t

  /// Starts `command`, looked up in PATH; `errors` takes the place of its standard error.
  ///
  /// From here on the signals that end a program are blocked in this process, and wait for `wait`.
  init(_ command: [String], environment: [String], errors: FileDescriptor? = nil) throws {
    var watched = sigset_t()
    sigemptyset(&watched)
    for signal in [SIGCHLD, SIGINT, SIGQUIT, SIGTERM, SIGHUP] { sigaddset(&watched, signal) }
    self.watched = watched
    var original = sigset_t()
    sigprocmask(SIG_BLOCK, &watched, &original)

    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    posix_spawnattr_setsigmask(&attributes, &original)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))

    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    if let errors { posix_spawn_file_actions_adddup2(&actions, errors.rawValue, 2) }

    var pid: pid_t = 0
    let error = Self.withCStrings(command) { arguments in
      Self.withCStrings(environment) { variables in
        posix_spawnp(&pid, command[0], &actions, &attributes, arguments, variables)
      }
    }
    guard error == 0 else {
      sigprocmask(SIG_SETMASK, &original, nil)
      throw Errno(rawValue: error)
    }
    self.pid = pid
  }

  /// Waits for the end, calling `tick` about every `interval` milliseconds.
  ///
  /// SIGINT and SIGQUIT from the terminal reached the program as well; those that someone sent to
  /// this process alone are passed on, as are SIGTERM and SIGHUP.
  func wait(interval: Int, tick: () -> Void) -> End {
    var watched = watched
    while true {
      if let end = poll() { return end }
      var information = siginfo_t()
      var timeout = timespec(tv_sec: interval / 1000, tv_nsec: interval % 1000 * 1_000_000)
      let signal = sigtimedwait(&watched, &information, &timeout)
      if signal > 0, signal != SIGCHLD {
        let isFromKernel = information.si_code > 0
        if !isFromKernel || signal == SIGTERM { kill(pid, signal) }
      } else if signal < 0, errno == EAGAIN {
        tick()
      }
    }
  }

  private func poll() -> End? {
    var status: Int32 = 0
    var result: pid_t
    repeat { result = waitpid(pid, &status, WNOHANG) } while result < 0 && errno == EINTR
    // A parent that ignores SIGCHLD makes the kernel forget the status.
    if result < 0 { return .exited(0) }
    guard result == pid else { return nil }
    return status & 0x7f == 0 ? .exited(status >> 8 & 0xff) : .signaled(status & 0x7f)
  }

  private static func withCStrings<Result>(
    _ strings: [String], _ body: ([UnsafeMutablePointer<CChar>?]) -> Result
  ) -> Result {
    let copies = strings.map { strdup($0) }
    defer { copies.forEach { free($0) } }
    return body(copies + [nil])
  }
}
