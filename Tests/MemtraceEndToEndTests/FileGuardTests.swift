// SPDX-License-Identifier: Apache-2.0
//
// MEMTRACE_GUARD_FILE=1: a program whose trace is truncated while it runs ends as it would have
// natively, and its own SIGBUS is its own.

import Foundation
import Testing

@Suite struct FileGuardTests {
  private let directory: TemporaryDirectory
  private var trace: String { directory.file("trace.bin") }
  private let guarded = ["MEMTRACE_GUARD_FILE": "1"]

  init() throws { directory = try TemporaryDirectory() }

  /// Runs a program natively, and then guarded, in the same directory.
  private func runBothWays(
    _ program: String, _ arguments: [String]
  ) throws -> (native: ProgramResult, traced: ProgramResult) {
    let native = try run(program, arguments, in: directory.path)
    #expect(native.errors == "")
    let traced = try runTraced(program, arguments, environment: guarded, in: directory)
    #expect(traced.output == native.output)
    #expect(traced.ending == native.ending)
    return (native, traced.result)
  }

  /// Demands that memtrace has said so much, and why it stopped.
  private func expectSaid(_ errors: String, times: ClosedRange<Int>) {
    let said = errors.split(separator: "\n")
    #expect(times ~= said.count, "\(errors)")
    for line in said {
      #expect(line.hasPrefix("memtrace: recording stopped: \(directory.path)/trace."))
      #expect(line.contains("truncated by someone else"))
    }
  }

  /// Demands that what is left of each trace is read, or refused as no trace.
  private func expectIsReadOrRefused() throws {
    for name in try directory.names() where name.hasPrefix("trace.") {
      let report = try runCommand(["report", name], in: directory.path)
      #expect(report.ending == .exited(0) || report.ending == .exited(65), "\(report.errors)")
    }
  }

  // MARK: - Truncated

  private static let truncated = Fixture(
    source: "torture/truncated.c", product: "torture-truncated")

  enum Way: String, CaseIterable {
    case nothingLeft = "0"
    case headerLeft = "4096"
    case someLeft = "70000"
    case halfLeft = "half"
    case twice
    case nothingLeftAndGrown = "0+"
    case headerLeftAndGrown = "4096+"
    case someLeftAndGrown = "70000+"
    case storm, forked, held

    /// Half of the file may be more than all that is mapped of it.
    var lines: ClosedRange<Int> {
      switch self {
      case .halfLeft: 0...1
      case .forked: 2...2
      default: 1...1
      }
    }
  }

  @Test(arguments: Way.allCases)
  func aTruncatedTraceEndsTheRecordingAlone(_ way: Way) throws {
    let (native, traced) = try runBothWays(Self.truncated.path(), [way.rawValue])
    #expect(native.ending == .exited(23))
    expectSaid(traced.errors, times: way.lines)
    try expectIsReadOrRefused()
  }

  /// So it is documented, as no handler is installed unless one is asked for.
  @Test func withoutTheOptionTheProgramEnds() throws {
    let run = try runTraced(Self.truncated.path(), ["0"], in: directory)
    #expect(run.ending == .killed(signal: SIGBUS))
  }

  /// Whoever else has the file has it open.
  @Test(arguments: [0, 4096, 70000])
  func anotherProcessMayTruncateIt(_ byteCount: Int) throws {
    let result = try Halfway.run(in: directory, environment: guarded) { _ in
      #expect(truncate(trace, byteCount) == 0)
    }
    Halfway.expectItRanOn(result, lines: 1...1)
    expectSaid(result.errors, times: 1...1)
    try expectIsReadOrRefused()
  }

  @Test func aTraceThatNobodyTruncatesIsWhole() throws {
    Halfway.expectItRanOn(try Halfway.run(in: directory, environment: guarded) { _ in })
    try Halfway.expectIsWhole(trace)
  }

  @Test(.enabled(if: Project.installed("node") != nil, "needs node"))
  func nodeRunsOn() throws {
    let script = """
      const zlib = require('zlib')
      try { require('fs').truncateSync('trace.bin', 0) } catch {}
      let sum = 0
      for (let i = 0; i < 300; i++) sum += zlib.deflateSync(Buffer.alloc(5000, i)).length
      new (require('worker_threads').Worker)('require("zlib").gzipSync("text")', { eval: true })
        .on('exit', code => { console.log(sum, code); process.exitCode = 19 })
      """
    let node = try #require(Project.installed("node"))
    let (native, traced) = try runBothWays(node, ["-e", script])
    #expect(native.ending == .exited(19))
    expectSaid(traced.errors, times: 1...1)
  }

  // MARK: - The program's own

  enum Role: String, CaseIterable {
    case `default`, sent, ignored, handled, elsewhere, late, jumps, once, books, children, becomes
  }

  private static let busErrors = Fixture(
    source: "torture/buserrors.c", flags: ["-Wno-deprecated-declarations"],
    product: "torture-buserrors")

  @Test(arguments: Role.allCases)
  func theProgramsOwnFaultsAreItsOwn(_ role: Role) throws {
    let (native, traced) = try runBothWays(Self.busErrors.path(), [role.rawValue])
    switch role {
    case .default, .sent, .ignored, .once: #expect(native.ending == .killed(signal: SIGBUS))
    default: #expect(native.ending == .exited(29))
    }
    expectSaid(traced.errors, times: 0...0)
  }

  /// The handler of both stands; that of memtrace has been at work already.
  @Test(arguments: Role.allCases)
  func soTheyAreWhenTheTraceWasTruncated(_ role: Role) throws {
    let (_, traced) = try runBothWays(Self.busErrors.path(), [role.rawValue, "trace.bin"])
    expectSaid(traced.errors, times: 1...1)
  }
}
