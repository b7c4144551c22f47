// SPDX-License-Identifier: Apache-2.0
//
// What a malloc/free pair costs under the shim, in instructions as callgrind counts them: the same
// on every machine and under any load, so that a slower path shows where a clock would not.

import Foundation
import Testing

@Suite struct CostTests {
  /// A workload of `Benchmarks/workloads/churn.c`, and the instructions that memtrace adds to one
  /// of its malloc/free pairs.
  struct Case: CustomTestStringConvertible {
    /// Frames below the thread's first.
    let depth: Int
    /// Different stacks; with 1 the remembered stack is always the whole stack.
    let wayCount: Int
    /// As counted with gcc 12.2, glibc 2.36 and valgrind 3.19.
    let measured: Int

    var testDescription: String { "depth \(depth), \(wayCount) ways" }
  }

  /// Counts vary by less than a hundredth between runs; compilers and C libraries differ by more.
  private static let slack = 1.1

  /// The table to lower when the shim has become faster: what was counted, not what is wished for.
  private static let cases = [
    Case(depth: 5, wayCount: 64, measured: 540),
    Case(depth: 20, wayCount: 64, measured: 620),
    Case(depth: 60, wayCount: 64, measured: 875),
    Case(depth: 20, wayCount: 1, measured: 520),
  ]

  private static let pairCount = 20_000
  /// What churn.c does before it measures; its function `churn` does both.
  private static let warmUpPairCount = 1024

  @Test(arguments: cases)
  func aPairCostsNoMoreInstructionsThanItDid(_ work: Case) throws {
    let churn = try Fixture(
      source: "../../../Benchmarks/workloads/churn.c", optimization: ["-O2"], product: "churn"
    ).path()
    let plain = try instructionCount(of: churn, work, environment: [:])
    let directory = try TemporaryDirectory()
    let traced = try instructionCount(
      of: churn, work, environment: tracedEnvironment(), in: directory)

    let pairs = Double(Self.pairCount + Self.warmUpPairCount)
    let added = Int((Double(traced - plain) / pairs).rounded())
    let bound = Int((Double(work.measured) * Self.slack).rounded())
    #expect(added <= bound, "\(added) instructions a pair; there were \(work.measured)")

    // What was counted is the whole work of recording.
    let report = try Report(onTrace: directory.file("trace.bin"), of: churn, ["--top", "0"])
    #expect(report.trace.lostEvents == 0)
    #expect(report.summary.allocationCount >= Int(pairs))
  }

  /// The instructions inside the function `churn`, with all that it calls.
  private func instructionCount(
    of churn: String, _ work: Case, environment: [String: String],
    in directory: TemporaryDirectory? = nil
  ) throws -> Int {
    let directory = try directory ?? TemporaryDirectory()
    let valgrind = try #require(Project.installed("valgrind"), "`make setup` installs valgrind")
    let profile = directory.file("profile")
    let result = try run(
      valgrind,
      [
        "--tool=callgrind", "--toggle-collect=churn", "--callgrind-out-file=\(profile)",
        churn, "\(work.depth)", "1", "\(Self.pairCount)", "\(work.wayCount)",
      ],
      in: directory.path, environment: plainEnvironment.merging(environment) { $1 })
    #expect(result.ending == .exited(0), "\(result.errors)")
    let summary = try String(contentsOfFile: profile, encoding: .utf8)
      .split(separator: "\n").first { $0.hasPrefix("summary: ") }
    return try #require(summary.flatMap { Int($0.dropFirst("summary: ".count)) })
  }
}
