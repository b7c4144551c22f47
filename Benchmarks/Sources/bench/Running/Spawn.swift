// SPDX-License-Identifier: Apache-2.0
//
// posix_spawn with what a run needs: its directory, its files, its process group, no signal held
// back, and an environment of exactly what is given.

import CProcess
import Foundation

/// Starts a program and returns its pid, which is also its process group.
func spawn(
  _ path: String, _ command: Command, output: String, errors: String, in directory: String
) throws -> pid_t {
  var actions = posix_spawn_file_actions_t()
  posix_spawn_file_actions_init(&actions)
  defer { posix_spawn_file_actions_destroy(&actions) }
  posix_spawn_file_actions_addopen(&actions, 0, command.input, O_RDONLY, 0)
  for (descriptor, file) in [(1, output), (2, errors)] as [(Int32, String)] {
    posix_spawn_file_actions_addopen(
      &actions, descriptor, file, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
  }
  let refusal = bench_spawn_isolate(&actions, directory)
  guard refusal == 0 else { throw RunError.systemCall("posix_spawn", errno: refusal) }

  var attributes = posix_spawnattr_t()
  posix_spawnattr_init(&attributes)
  defer { posix_spawnattr_destroy(&attributes) }
  var none = sigset_t()
  sigemptyset(&none)
  posix_spawnattr_setsigmask(&attributes, &none)
  posix_spawnattr_setpgroup(&attributes, 0)
  posix_spawnattr_setflags(
    &attributes, Int16(POSIX_SPAWN_SETPGROUP) | Int16(POSIX_SPAWN_SETSIGMASK))

  let variables = Command.plainEnvironment.merging(command.environment) { $1 }
  var started: pid_t = 0
  let failure = withCStrings(command.arguments) { arguments in
    withCStrings(variables.map { "\($0.key)=\($0.value)" }) { environment in
      posix_spawn(&started, path, &actions, &attributes, arguments, environment)
    }
  }
  guard failure == 0 else { throw RunError.systemCall("posix_spawn \(path)", errno: failure) }
  return started
}

/// Calls `body` with a null-terminated array of C strings, as execve wants it.
private func withCStrings<Result>(
  _ strings: [String], _ body: (UnsafePointer<UnsafeMutablePointer<CChar>?>) -> Result
) -> Result {
  var pointers = strings.map { strdup($0) } + [nil]
  defer { for pointer in pointers { free(pointer) } }
  return pointers.withUnsafeMutableBufferPointer { buffer in
    guard let first = buffer.baseAddress else { preconditionFailure("it ends with a null") }
    return body(UnsafePointer(first))
  }
}
