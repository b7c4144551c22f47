// SPDX-License-Identifier: Apache-2.0
//
// Starts programs and waits for their end, never for time: stdout and stderr go to files, so that
// no pipe can fill up, and a program that does not end is killed and said to have hung.

import Foundation

/// How a program ended.
enum Ending: Equatable, CustomStringConvertible {
  case exited(Int32)
  case killed(signal: Int32)
  case hung

  var description: String {
    switch self {
    case .exited(let status): "exited with \(status)"
    case .killed(let signal): "killed by signal \(signal)"
    case .hung: "did not end in time and was killed"
    }
  }
}

/// What a program that ended has left behind.
struct ProgramResult {
  let ending: Ending
  let output: String
  let errors: String
}

/// A program that was started.
final class RunningProgram {
  let pid: pid_t
  private let files: TemporaryDirectory

  /// Starts a program with an environment of exactly `environment`; `inheritedDescriptors` are
  /// numbers that the program gets, and which of ours they are.
  init(
    _ path: String, _ arguments: [String], in directory: String, environment: [String: String],
    input: String = "/dev/null", inheritedDescriptors: [Int32: Int32] = [:]
  ) throws {
    files = try TemporaryDirectory()
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    let flags = O_WRONLY | O_CREAT | O_TRUNC
    posix_spawn_file_actions_addopen(&actions, 0, input, O_RDONLY, 0)
    posix_spawn_file_actions_addopen(&actions, 1, files.file("output"), flags, 0o600)
    posix_spawn_file_actions_addopen(&actions, 2, files.file("errors"), flags, 0o600)
    for (theirs, ours) in inheritedDescriptors {
      posix_spawn_file_actions_adddup2(&actions, ours, theirs)
    }
    // Whatever else the test process has open at this moment is not the program's.
    try SpawnExtensions.addCloseFrom(&actions, (inheritedDescriptors.keys.max() ?? 2) + 1)
    try SpawnExtensions.addDirectory(&actions, directory)

    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var noSignals = sigset_t()
    sigemptyset(&noSignals)
    posix_spawnattr_setsigmask(&attributes, &noSignals)
    posix_spawnattr_setpgroup(&attributes, 0)
    posix_spawnattr_setflags(
      &attributes, Int16(POSIX_SPAWN_SETPGROUP) | Int16(POSIX_SPAWN_SETSIGMASK))

    let argv = CStrings([path] + arguments)
    let envp = CStrings(environment.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" })
    var started: pid_t = 0
    let failure = posix_spawn(&started, path, &actions, &attributes, argv.pointer, envp.pointer)
    guard failure == 0 else { throw SystemError(call: "posix_spawn \(path)", errno: failure) }
    pid = started
  }

  /// Sends a signal to the program alone.
  func signal(_ number: Int32) { kill(pid, number) }

  /// Waits for the end of the program; the limit is there for programs that hang.
  func wait(limitSeconds: Double = 120) throws -> ProgramResult {
    let guardian = Guardian(of: pid, limitSeconds: limitSeconds)
    // The pid stays taken until the second wait, so that the guardian kills nobody else.
    var information = siginfo_t()
    while waitid(P_PID, id_t(pid), &information, WEXITED | WNOWAIT) != 0 {
      guard errno == EINTR else { throw SystemError(call: "waitid", errno: errno) }
    }
    let isOverdue = guardian.dismiss()
    var status: Int32 = 0
    guard waitpid(pid, &status, 0) == pid else { throw SystemError(call: "waitpid", errno: errno) }
    let signal = status & 0x7f
    let ending: Ending =
      isOverdue ? .hung : signal == 0 ? .exited(status >> 8 & 0xff) : .killed(signal: signal)
    return ProgramResult(
      ending: ending, output: try text(of: "output"), errors: try text(of: "errors"))
  }

  private func text(of name: String) throws -> String {
    String(decoding: try Data(contentsOf: URL(fileURLWithPath: files.file(name))), as: UTF8.self)
  }
}

/// Kills a program that does not end in time, and its process group with it.
private final class Guardian: @unchecked Sendable {
  private let lock = NSLock()
  private var isDismissed = false
  private var hasKilled = false

  init(of pid: pid_t, limitSeconds: Double) {
    DispatchQueue.global().asyncAfter(deadline: .now() + limitSeconds) { [weak self] in
      guard let self else { return }
      lock.withLock {
        guard !isDismissed else { return }
        hasKilled = true
        kill(-pid, SIGKILL)
        kill(pid, SIGKILL)
      }
    }
  }

  /// The program is over; returns whether it had to be killed.
  func dismiss() -> Bool {
    lock.withLock {
      isDismissed = true
      return hasKilled
    }
  }
}

/// Two functions of glibc 2.29 and 2.34 that its Swift module leaves out.
private enum SpawnExtensions {
  private typealias Actions = UnsafeMutablePointer<posix_spawn_file_actions_t>

  static func addCloseFrom(_ actions: inout posix_spawn_file_actions_t, _ first: Int32) throws {
    typealias Function = @convention(c) (Actions, Int32) -> Int32
    let function = try symbol("posix_spawn_file_actions_addclosefrom_np", as: Function.self)
    _ = function(&actions, max(first, 3))
  }

  static func addDirectory(_ actions: inout posix_spawn_file_actions_t, _ path: String) throws {
    typealias Function = @convention(c) (Actions, UnsafePointer<CChar>) -> Int32
    let function = try symbol("posix_spawn_file_actions_addchdir_np", as: Function.self)
    _ = function(&actions, path)
  }

  private static func symbol<Function>(_ name: String, as type: Function.Type) throws -> Function {
    guard let address = dlsym(nil, name) else { throw SystemError(call: name, errno: ENOSYS) }
    return unsafeBitCast(address, to: type)
  }
}

/// A null-terminated array of C strings, as execve wants it.
private final class CStrings {
  let pointer: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>
  private let count: Int

  init(_ strings: [String]) {
    count = strings.count
    pointer = .allocate(capacity: count + 1)
    for (index, string) in strings.enumerated() { pointer[index] = strdup(string) }
    pointer[count] = nil
  }

  deinit {
    for index in 0..<count { free(pointer[index]) }
    pointer.deallocate()
  }
}

/// Runs a program to its end.
func run(
  _ path: String, _ arguments: [String] = [], in directory: String,
  environment: [String: String] = plainEnvironment, input: String = "/dev/null",
  limitSeconds: Double = 120
) throws -> ProgramResult {
  try RunningProgram(path, arguments, in: directory, environment: environment, input: input)
    .wait(limitSeconds: limitSeconds)
}

/// An environment in which programs behave the same everywhere.
let plainEnvironment: [String: String] = {
  let own = ProcessInfo.processInfo.environment
  return [
    "PATH": own["PATH"] ?? "/usr/local/bin:/usr/bin:/bin", "HOME": own["HOME"] ?? "/",
    "LANG": "C.UTF-8", "TZ": "UTC",
  ]
}()
