// SPDX-License-Identifier: Apache-2.0
//
// The end of a text report: the one or two commands that lead on from here.

import Symbolication

/// Writes what to do next.
struct TextNextSteps {
  /// A shorter run has no start-up to be left out.
  private static let longRunNanoseconds: UInt64 = 1_000_000_000

  let report: LeakReport

  func write(on page: TextPage) {
    let steps = steps
    guard !steps.isEmpty else { return }
    page.heading("What to do next")
    for (why, command) in steps.prefix(2) {
      page.paragraph(why, indent: 2)
      if let command { page.command(command, indent: 6) }
    }
  }

  private var steps: [(why: String, command: String?)] {
    let trace = Self.quoted(report.trace.path)
    guard report.heap.allocationCount > 0 else {
      return [
        ("See why nothing was recorded:", "memtrace doctor -- \(commandLine)")
      ]
    }
    var steps: [(String, String?)] = []
    if report.trace.state == .running, !report.isPartOfTrace {
      steps.append(
        (
          "Set a mark, let the program work, and see what it allocated since and still holds:",
          "memtrace mark \(report.trace.pid) warm; sleep 60; memtrace report \(trace) --from warm"
        ))
    }
    if let function = mostTellingFunction {
      steps.append(
        (
          "See all stacks through the biggest site, with every frame:",
          "memtrace report \(trace) --no-fold --filter \(Self.quoted(function))"
        ))
    }
    if lacksLines {
      steps.append(("Build with -g for file names and line numbers in the stacks.", nil))
    }
    if report.trace.state != .running, report.heap.outstandingCount > 0, !report.isPartOfTrace,
      report.trace.durationNanoseconds >= Self.longRunNanoseconds
    {
      let half = report.trace.durationNanoseconds / 2_000_000
      steps.append(
        (
          "Leave out what was allocated while the program started up:",
          "memtrace report \(trace) --from \(half)ms"
        ))
    }
    return steps
  }

  private var commandLine: String {
    report.trace.command.isEmpty
      ? "CMD" : report.trace.command.map(Self.quoted).joined(separator: " ")
  }

  /// Of the first site, the function of the program's own that is nearest to the allocation.
  private var mostTellingFunction: String? {
    guard let site = report.sites.first, !report.selection.isFiltered else { return nil }
    let frame = report.frames.frames(of: site.stack).first {
      FrameRank($0) == .own && $0.function != nil
    }
    // As a regular expression it must not mean something else.
    return frame?.function.flatMap { name in
      name.allSatisfy { $0.isLetter || $0.isNumber || $0 == "_" || $0 == ":" } ? name : nil
    }
  }

  /// Whether the program's own functions of the first sites have names but no lines.
  private var lacksLines: Bool {
    let own = report.sites.prefix(3).flatMap { report.frames.frames(of: $0.stack) }
      .filter { $0.kind == .native && FrameRank($0) == .own }
    return !own.isEmpty && own.allSatisfy { $0.line == nil }
  }

  /// An argument as a shell takes it.
  private static func quoted(_ argument: String) -> String {
    let isPlain = argument.utf8.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"),
        UInt8(ascii: "."), UInt8(ascii: "/"), UInt8(ascii: ":"), UInt8(ascii: "="),
        UInt8(ascii: ","), UInt8(ascii: "+"), UInt8(ascii: "@"), UInt8(ascii: "%"):
        true
      default: false
      }
    }
    let printable = PrintableText.escaped(argument)
    if isPlain, !argument.isEmpty { return printable }
    return "'"
      + printable.split(separator: "'", omittingEmptySubsequences: false)
      .joined(separator: "'\\''") + "'"
  }
}
