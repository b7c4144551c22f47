// SPDX-License-Identifier: Apache-2.0
//
// One program under the shim, in a fresh directory, and the reports on what it left there.

import Foundation
import Testing

/// A program that ran under the shim.
struct TracedRun {
  let program: String
  let result: ProgramResult
  let directory: TemporaryDirectory

  var output: String { result.output }
  var errors: String { result.errors }
  var ending: Ending { result.ending }

  /// The names of the traces in the directory, moved ones included, sorted.
  func traceNames() throws -> [String] {
    try directory.names().filter { $0.hasPrefix("trace.") }
  }

  /// What `memtrace report --format json` says about one of them.
  func report(
    _ name: String = "trace.bin", _ options: [String] = ["--sort", "total"]
  ) throws -> Report {
    try Report(onTrace: directory.file(name), of: program, options)
  }
}

/// The environment of a traced program.
func tracedEnvironment(_ additions: [String: String] = [:]) -> [String: String] {
  plainEnvironment.merging(["LD_PRELOAD": Project.library]) { $1 }.merging(additions) { $1 }
}

/// Runs a program under the shim in a fresh temporary directory, to its end.
func runTraced(
  _ program: String, _ arguments: [String] = [], environment: [String: String] = [:],
  in directory: TemporaryDirectory? = nil, input: String = "/dev/null", limitSeconds: Double = 120
) throws -> TracedRun {
  let directory = try directory ?? TemporaryDirectory()
  let result = try run(
    program, arguments, in: directory.path, environment: tracedEnvironment(environment),
    input: input, limitSeconds: limitSeconds)
  return TracedRun(program: program, result: result, directory: directory)
}

/// Runs the `memtrace` command.
func runCommand(
  _ arguments: [String], in directory: String = "/", environment: [String: String] = [:],
  limitSeconds: Double = 120
) throws -> ProgramResult {
  try run(
    Project.command, arguments, in: directory,
    environment: plainEnvironment.merging(environment) { $1 }, limitSeconds: limitSeconds)
}
