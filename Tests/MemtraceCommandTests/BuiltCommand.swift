// SPDX-License-Identifier: Apache-2.0
//
// The command as it was built, run as a user runs it.

import Foundation
import Testing

/// What a run of the command left behind.
struct CommandResult {
  var status: Int32
  /// The signal that ended it, or 0.
  var signal: Int32
  var output: String
  var errors: String

  /// Standard error is one line of the form every error has.
  var isOneLineError: Bool {
    errors.hasPrefix("memtrace: ") && errors.filter { $0 == "\n" }.count == 1
      && errors.hasSuffix("\n")
  }
}

/// The built `memtrace`.
enum BuiltCommand {
  /// Beside the test program, where SwiftPM puts all products.
  static let path: String = {
    let tests = CommandLine.arguments.first.map { URL(fileURLWithPath: $0) }
    let beside = tests?.deletingLastPathComponent().appendingPathComponent("memtrace").path
    if let beside, FileManager.default.isExecutableFile(atPath: beside) { return beside }
    return URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
      .appendingPathComponent(".build/debug/memtrace").path
  }()

  /// Runs it to its end; what takes longer than `limitSeconds` is killed, and fails.
  static func run(
    _ arguments: String..., in directory: String = "/tmp", environment: [String: String] = [:],
    limitSeconds: Double = 30
  ) throws -> CommandResult {
    try run(arguments, in: directory, environment: environment, limitSeconds: limitSeconds)
  }

  static func run(
    _ arguments: [String], in directory: String = "/tmp", environment: [String: String] = [:],
    limitSeconds: Double = 30
  ) throws -> CommandResult {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: path)
    process.arguments = arguments
    process.currentDirectoryURL = URL(fileURLWithPath: directory)
    var variables = ProcessInfo.processInfo.environment
    for name in ["LD_PRELOAD", "COLUMNS", "MEMTRACE_OUTPUT", "MEMTRACE_LIBRARY", "MEMTRACE_ROOT"] {
      variables[name] = nil
    }
    // A test asks for what it wants to have of the network and of earlier reports.
    variables["DEBUGINFOD_URLS"] = nil
    variables["MEMTRACE_CACHE"] = "0"
    process.environment = variables.merging(environment) { $1 }
    // Files, not pipes: nothing to drain while waiting.
    let folder = try TemporaryFolder()
    let output = folder.path + "/out"
    let errors = folder.path + "/err"
    for file in [output, errors] { try Data().write(to: URL(fileURLWithPath: file)) }
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = FileHandle(forWritingAtPath: output)
    process.standardError = FileHandle(forWritingAtPath: errors)
    let ended = DispatchSemaphore(value: 0)
    process.terminationHandler = { _ in ended.signal() }
    try process.runWithoutBlockedSignals()
    if ended.wait(timeout: .now() + limitSeconds) == .timedOut {
      kill(process.processIdentifier, SIGKILL)
      Issue.record("memtrace \(arguments.joined(separator: " ")) did not end")
    }
    process.waitUntilExit()
    let isSignal = process.terminationReason == .uncaughtSignal
    return CommandResult(
      status: isSignal ? -1 : process.terminationStatus,
      signal: isSignal ? process.terminationStatus : 0,
      output: try String(contentsOfFile: output, encoding: .utf8),
      errors: try String(contentsOfFile: errors, encoding: .utf8))
  }
}

extension Process {
  /// Starts the program with no signal blocked.
  ///
  /// Tests run on threads that block many, and a mask is inherited.
  func runWithoutBlockedSignals() throws {
    var none = sigset_t()
    var before = sigset_t()
    sigemptyset(&none)
    pthread_sigmask(SIG_SETMASK, &none, &before)
    defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
    try run()
  }
}

/// A folder for one test, gone with it.
final class TemporaryFolder {
  let path: String

  init() throws {
    path =
      FileManager.default.temporaryDirectory
      .appendingPathComponent("memtrace-command-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit {
    try? FileManager.default.removeItem(atPath: path)
  }

  /// A file in it with this content; returns its path.
  func file(_ name: String, _ bytes: some Sequence<UInt8>) throws -> String {
    let file = path + "/" + name
    try Data(bytes).write(to: URL(fileURLWithPath: file))
    return file
  }

  /// A program or library compiled from C.
  func compile(_ source: String, as name: String, _ options: [String] = []) throws -> String {
    let input = try file(name + ".c", source.utf8)
    let output = path + "/" + name
    let compiler = Process()
    compiler.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    compiler.arguments = ["cc", "-o", output, input] + options
    try compiler.run()
    compiler.waitUntilExit()
    try #require(compiler.terminationStatus == 0)
    return output
  }
}
