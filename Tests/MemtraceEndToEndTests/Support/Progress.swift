// SPDX-License-Identifier: Apache-2.0
//
// The fixture progress.c: a program that allocates until it is killed, and says how far it is.

import Foundation

/// What `progress` had said when it was looked at.
struct Progress {
  /// Of `struct line` in progress.c.
  private static let lineWordCount = 8

  /// By function: blocks and bytes.
  let allocations: [String: (count: Int, bytes: Int)]
  let freeCount: Int

  init(readingFrom path: String) throws {
    let words = try Data(contentsOf: URL(fileURLWithPath: path)).withUnsafeBytes { bytes in
      Array(bytes.bindMemory(to: UInt64.self)).map(Int.init)
    }
    func sum(_ column: Int) -> Int {
      stride(from: column, to: words.count, by: Self.lineWordCount).map { words[$0] }.reduce(0, +)
    }
    allocations = [
      "take_small": (sum(0), sum(3)), "take_medium": (sum(1), sum(4)),
      "take_large": (sum(2), sum(5)),
    ]
    freeCount = sum(6)
  }

  /// Starts `progress` and calls `body` when it has made `target` events; `body` must end it.
  static func run(
    _ program: String, _ threads: Int, _ seed: Int, _ target: Int,
    in directory: TemporaryDirectory, environment: [String: String] = [:],
    body: (RunningProgram) throws -> Void
  ) throws {
    // Unlike a pipe a socket pair can be made so that no other program started meanwhile gets it.
    var pipe: [Int32] = [0, 0]
    let type = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
    guard socketpair(AF_UNIX, type, 0, &pipe) == 0 else {
      throw SystemError(call: "socketpair", errno: errno)
    }
    defer { close(pipe[0]) }
    let running: RunningProgram
    do {
      defer { close(pipe[1]) }
      running = try RunningProgram(
        program, [directory.file("progress"), "\(threads)", "\(seed)", "\(target)"],
        in: directory.path, environment: tracedEnvironment(environment),
        inheritedDescriptors: [1: pipe[1]])
    }
    var byte: UInt8 = 0
    guard read(pipe[0], &byte, 1) == 1 else {
      throw SystemError(call: "progress ended early; read", errno: errno)
    }
    try body(running)
  }
}
