// SPDX-License-Identifier: Apache-2.0
//
// Shows what is longer than the screen through a pager, as git does: on a terminal only, by
// MEMTRACE_PAGER, else PAGER, else less, which ends by itself where all fits on the screen.

import Glibc
import SystemPackage

/// A pager that reads what is written to `input`.
struct Pager {
  /// What git gives less: quit if it fits, colors as they are, leave the text on the screen.
  private static let lessOptions = "FRX"

  let input: FileDescriptor
  private let pid: pid_t

  /// The command of the pager; nil where none is wanted.
  static func command(_ environment: (String) -> String? = Terminal.environment) -> String? {
    guard environment("TERM") != "dumb" else { return nil }
    guard let command = ["MEMTRACE_PAGER", "PAGER"].lazy.compactMap(environment).first else {
      return isInstalled("less", environment("PATH") ?? "") ? "less" : nil
    }
    // As git: an empty one, and cat, mean none.
    return command.isEmpty || command == "cat" ? nil : command
  }

  private static func isInstalled(_ program: String, _ path: String) -> Bool {
    path.split(separator: ":").contains { access("\($0)/\(program)", X_OK) == 0 }
  }

  /// Starts the pager; nil where it cannot be started.
  init?(_ command: String) {
    guard let pipe = try? FileDescriptor.pipe() else { return nil }
    let (end, input) = pipe
    defer { try? end.close() }
    _ = fcntl(input.rawValue, F_SETFD, FD_CLOEXEC)

    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_adddup2(&actions, end.rawValue, 0)
    posix_spawn_file_actions_addclose(&actions, end.rawValue)

    if getenv("LESS") == nil { setenv("LESS", Self.lessOptions, 1) }
    if getenv("LV") == nil { setenv("LV", "-c", 1) }
    let arguments = ["/bin/sh", "-c", command].map { (word: String) in strdup(word) } + [nil]
    defer { arguments.forEach { free($0) } }
    var pid: pid_t = 0
    guard posix_spawn(&pid, "/bin/sh", &actions, nil, arguments, environ) == 0 else {
      try? input.close()
      return nil
    }
    self.input = input
    self.pid = pid
    // Who leaves the pager early wants no more; and its keys are its own: ^C must not end us first.
    signal(SIGPIPE, SIG_IGN)
    signal(SIGINT, SIG_IGN)
    signal(SIGQUIT, SIG_IGN)
  }

  /// Lets the pager see the end, and waits until its reader has had enough.
  func finish() {
    try? input.close()
    var status: Int32 = 0
    while waitpid(pid, &status, 0) < 0, errno == EINTR {}
  }
}
