// SPDX-License-Identifier: Apache-2.0
//
// A report that is longer than the screen goes through a pager, as git's output does.

import CTraceFormat
import Foundation
import MemtraceTestSupport
import Testing

@testable import memtrace

@Suite struct PagerTests {
  private static let marking = "sed 's/^/|/'"

  private let folder: TemporaryFolder
  private let trace: String

  init() throws {
    folder = try TemporaryFolder()
    let builder = TraceBuilder()
    let window = builder.window(thread: 1, name: "main")
    for index in 1...2000 as ClosedRange<UInt64> {
      window.malloc(
        index * 64, 10, stack: builder.stack([0x1000 + index * 16, 0x2000]), at: index)
      if index % 200 == 0 { window.seal() }
    }
    builder.end(at: 10_000)
    trace = try folder.file("trace.bin", builder.bytes)
  }

  private func shown(
    _ arguments: [String] = [], _ environment: [String: String], command: [String] = ["report"],
    status: Int32 = 0
  ) throws -> String {
    try BuiltCommand.onTerminal(
      columns: 100, command + arguments + [trace],
      environment: [
        "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "MEMTRACE_CACHE": "0", "NO_COLOR": "1",
      ]
      .merging(environment) { $1 }, status: status)
  }

  @Test func aReportOnATerminalGoesThroughThePager() throws {
    for name in ["MEMTRACE_PAGER", "PAGER"] {
      let text = try shown([], [name: Self.marking])
      #expect(text.contains("\n|Outstanding, by stack"), "\(name)")
      #expect(text.split(separator: "\n").allSatisfy { $0.hasPrefix("|") })
    }
    let text = try shown([], ["MEMTRACE_PAGER": Self.marking, "PAGER": "false"])
    #expect(text.contains("\n|Outstanding, by stack"))
  }

  /// Every other command with a text, the status it ends with, and something it says.
  private static let others: [(command: [String], status: Int32, text: String)] = [
    (["timeline"], 0, "|Over time"), (["investigate"], 0, "|# Memory of"),
    (["diff", "--from", "1us"], 0, "|Grew"), (["check"], 1, "|FAILED"),
    // The trace is no program that could be recorded.
    (["doctor", "--"], 69, "|FAIL  program"),
  ]

  @Test(arguments: others.indices)
  func soDoesEveryOtherText(index: Int) throws {
    let (command, status, text) = Self.others[index]
    let paged = try shown([], ["PAGER": Self.marking], command: command, status: status)
    #expect(paged.contains(text), "\(paged)")
    #expect(paged.split(separator: "\n").allSatisfy { $0.hasPrefix("|") })
    let options = command.dropLast(command.last == "--" ? 1 : 0) + ["--no-pager"]
    let plain = try shown(
      command.last == "--" ? ["--"] : [], ["PAGER": Self.marking], command: Array(options),
      status: status)
    #expect(plain.contains(text.dropFirst()) && !plain.contains(text))
    // Who leaves early wants no more; what the command found out is its status all the same.
    #expect(try shown([], ["PAGER": "true"], command: command, status: status) == "")
  }

  @Test(arguments: [
    (["--no-pager"], ["PAGER": PagerTests.marking]), ([], ["PAGER": ""]), ([], ["PAGER": "cat"]),
    ([], ["PAGER": PagerTests.marking, "MEMTRACE_PAGER": ""]),
    ([], ["PAGER": PagerTests.marking, "TERM": "dumb"]), ([], ["PATH": "/none"]),
  ])
  func whereNoneIsWantedThereIsNone(arguments: [String], environment: [String: String]) throws {
    let text = try shown(arguments, environment)
    #expect(text.contains("\nOutstanding, by stack"))
  }

  @Test func lessEndsByItselfWhereAllFitsAndKeepsColors() throws {
    #expect(try shown([], ["PAGER": "echo \"[$LESS]\"; cat >/dev/null"]) == "[FRX]\n")
    #expect(try shown([], ["LESS": "S", "PAGER": "echo \"[$LESS]\"; cat >/dev/null"]) == "[S]\n")
    let colors = try shown([], ["PAGER": "cat -v", "TERM": "xterm", "NO_COLOR": ""])
    #expect(colors.contains("^[[1m"))
  }

  @Test func aReaderWhoLeavesEarlyIsNoError() throws {
    // More than a pipe holds.
    let text = try shown(["--top", "0", "--bytes"], ["PAGER": "head -n 1"])
    #expect(text.split(separator: "\n").count == 1)
    #expect(try shown(["--top", "0"], ["PAGER": "true"]) == "")
  }

  @Test func whatGoesElsewhereIsNotPaged() throws {
    let piped = try BuiltCommand.run("report", trace, environment: ["PAGER": Self.marking])
    #expect(piped.output.contains("\nOutstanding, by stack"))
    let file = folder.path + "/report.txt"
    #expect(try shown(["-o", file], ["PAGER": Self.marking]) == "")
    #expect(try String(contentsOfFile: file, encoding: .utf8).contains("\nOutstanding, by stack"))
  }

  @Test func progressSaysHowLongItTakesFromHere() {
    let bar = { ProgressBar.text(.reading($0), after: .seconds($1)) }
    #expect(bar(0.25, 10) == "memtrace: reading [######..................] 25 %, 30 s left")
    #expect(bar(0.5, 200).hasSuffix("50 %, 3 min 20 s left"))
    // Too early to tell, or over.
    #expect(bar(0.01, 3).hasSuffix("] 1 %"))
    #expect(bar(1, 3).hasSuffix("] 100 %"))
    #expect(bar(.nan, 3).hasSuffix("] 0 %"))
    #expect(ProgressBar.text(.naming, after: .seconds(3)) == "memtrace: looking up names")
  }
}
