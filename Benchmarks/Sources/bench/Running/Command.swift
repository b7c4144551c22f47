// SPDX-License-Identifier: Apache-2.0
//
// A program with its arguments and what its environment has beyond the plain one.

import Foundation

/// What is to be run.
struct Command: Equatable {
  /// The program, found on the `PATH` unless it is a path, and its arguments.
  var arguments: [String]
  /// Variables set in addition to those of `plainEnvironment`.
  var environment: [String: String] = [:]
  /// The file that is its standard input.
  var input = "/dev/null"

  init(_ arguments: [String], environment: [String: String] = [:], input: String = "/dev/null") {
    self.arguments = arguments
    self.environment = environment
    self.input = input
  }

  /// An environment in which programs behave the same whoever runs the benchmarks.
  static let plainEnvironment: [String: String] = {
    let own = ProcessInfo.processInfo.environment
    return [
      "PATH": own["PATH"] ?? "/usr/local/bin:/usr/bin:/bin", "HOME": own["HOME"] ?? "/",
      "LANG": "C.UTF-8", "TZ": "UTC",
    ]
  }()

  /// The path of a program on the `PATH`, or `nil`; a path stays itself.
  static func installed(_ name: String) -> String? {
    guard !name.contains("/") else { return name }
    return (plainEnvironment["PATH"] ?? "").split(separator: ":").map { "\($0)/\(name)" }
      .first { FileManager.default.isExecutableFile(atPath: $0) }
  }

  /// The same with `LD_PRELOAD` and other variables set.
  func preloading(_ library: String, _ variables: [String: String] = [:]) -> Command {
    var command = self
    command.environment["LD_PRELOAD"] = library
    command.environment.merge(variables) { $1 }
    return command
  }
}
