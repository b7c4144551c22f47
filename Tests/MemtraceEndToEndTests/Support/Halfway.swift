// SPDX-License-Identifier: Apache-2.0
//
// The fixture torture/halfway.c: a program that waits half way while its surroundings change.

import Foundation
import Testing

/// `halfway`, from its start to its end.
enum Halfway {
  static let program = Fixture(source: "torture/halfway.c", product: "torture-halfway")
  static let keptCount = 500
  static let churnCount = 450_000

  /// Runs it under the shim and calls `change` when it is half way.
  static func run(
    _ arguments: [String] = [], in directory: TemporaryDirectory,
    environment: [String: String] = [:], change: (RunningProgram) throws -> Void
  ) throws -> ProgramResult {
    var pair: [Int32] = [0, 0]
    let type = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
    guard socketpair(AF_UNIX, type, 0, &pair) == 0 else {
      throw SystemError(call: "socketpair", errno: errno)
    }
    defer { close(pair[0]) }
    let running: RunningProgram
    do {
      defer { close(pair[1]) }
      running = try RunningProgram(
        program.path(), arguments, in: directory.path, environment: tracedEnvironment(environment),
        inheritedDescriptors: [0: pair[1]])
    }
    var byte: UInt8 = 0
    if read(pair[0], &byte, 1) == 1 {
      try change(running)
      // A program that has died meanwhile is seen below; it must not end the tests.
      _ = send(pair[0], &byte, 1, Int32(MSG_NOSIGNAL))
    }
    return try running.wait(limitSeconds: 60)
  }

  /// Demands that the program came to its own end, and said nothing but what it has to say.
  static func expectItRanOn(_ result: ProgramResult, lines: ClosedRange<Int> = 0...0) {
    #expect(result.ending == .exited(12))
    #expect(result.output == "at the end\n")
    let said = result.errors.split(separator: "\n")
    #expect(lines ~= said.count, "\(result.errors)")
    #expect(said.allSatisfy { $0.hasPrefix("memtrace: ") }, "\(result.errors)")
  }

  /// Demands a trace of all it did.
  static func expectIsWhole(_ path: String, isSound: Bool = true) throws {
    let report = try Report(onTrace: path, of: program.path())
    #expect(report.trace.complete || !isSound)
    #expect(report.trace.lostEvents == 0)
    #expect(report.trace.unmatchedFrees == 0)
    #expect(report.sums(at: "before").outstandingCount == keptCount)
    #expect(report.sums(at: "after").outstandingCount == keptCount)
    #expect(report.sums(at: "churn").totalCount == churnCount)
    #expect(report.sums(at: "churn").outstandingCount == 0)
  }

  /// Demands a trace of the first half, which says that it is not all, and how much is missing.
  static func expectFirstHalf(_ path: String) throws {
    let report = try Report(onTrace: path, of: program.path())
    #expect(report.sums(at: "before").outstandingCount == keptCount)
    #expect(!report.trace.complete)
    #expect(report.trace.lostEvents > 0)
    #expect(report.warnings.contains { $0.contains("recording stopped") })
  }
}
