// SPDX-License-Identifier: Apache-2.0
//
// Names come out of files that anyone may have made: none of them steers the terminal.

import CTraceFormat
import Foundation
import MemtraceTestSupport
import SystemPackage
import Testing

@Suite struct ControlCharacterTests {
  /// Clears the screen, sets the title, hides what follows; by escapes of one byte and of two.
  private static let hostile = "\u{1b}[2J\u{1b}]0;x\u{7}\u{9b}8m\u{7f}\r\u{8}"

  /// The folder has such a name, too.
  private let folder: TemporaryFolder
  private let trace: String

  init() throws {
    folder = try TemporaryFolder()
    let nasty = Self.hostile
    let inner = folder.path + "/in\(nasty)"
    try FileManager.default.createDirectory(atPath: inner, withIntermediateDirectories: false)
    trace = inner + "/trace\(nasty).bin"

    let builder = TraceBuilder()
    builder.process(
      executable: "/bin/\(nasty)", command: ["/bin/\(nasty)", nasty], directory: "/\(nasty)")
    builder.image("/lib/\(nasty).so", start: 0x1000, end: 0x2000, buildID: [1, 2, 3])
    builder.image("lib\(nasty).so", start: 0x3000, end: 0x4000)
    builder.codeNames("9000 100 JS:~f\(nasty) /a\(nasty).js:1:2\n", at: 1)
    builder.codeNames("9100 100 RegExp:\(nasty)\n", at: 1)
    let window = builder.window(thread: 1, name: nasty)
    window.malloc(
      0x100, 20 << 20, stack: builder.stack([0x1800, 0x3800, 0x9010, 0x9110]), at: 1000)
    builder.mark("mark\(nasty)", at: 2000)
    builder.end(at: 10_000)
    try Data(builder.bytes).write(to: URL(fileURLWithPath: trace))
  }

  /// Everything but line ends and text.
  private func expectPrintable(_ text: String, _ what: Comment) {
    let scalars = text.unicodeScalars.filter { scalar in
      scalar.value < 0x20 && scalar != "\n" || 0x7f..<0xa0 ~= scalar.value
    }
    #expect(scalars.isEmpty, what)
  }

  @Test(arguments: [
    [], ["--top", "0"], ["--format", "json"], ["--from", "mark"], ["--filter", "\u{1b}("],
    ["--sort", "\u{1b}[2J"], ["--\u{9b}8m"], ["-o", "/none/\u{1b}[2J"], ["--sysroot", "/\u{1b}"],
  ])
  func noOutputOfAReportSteersTheTerminal(options: [String]) throws {
    let result = try BuiltCommand.run(["report"] + options + [trace])
    expectPrintable(result.output, "output of \(options)")
    expectPrintable(result.errors, "errors of \(options)")
    #expect(!(result.output + result.errors).isEmpty)
  }

  @Test func neitherDoErrorsAboutFiles() throws {
    for path in [trace + "x", folder.path, folder.path + "/in\(Self.hostile)"] {
      let result = try BuiltCommand.run(["report", path])
      #expect(result.isOneLineError)
      expectPrintable(result.errors, "\(path)")
    }
    try Data("no trace".utf8).write(to: URL(fileURLWithPath: trace))
    let result = try BuiltCommand.run(["report", trace])
    #expect(result.isOneLineError)
    expectPrintable(result.errors, "no trace")
  }

  @Test func norDoesARunOfAProgramWithSuchAName() throws {
    let program = folder.path + "/in\(Self.hostile)/program"
    try Data("#!/bin/sh\n".utf8).write(to: URL(fileURLWithPath: program))
    let result = try BuiltCommand.run(["run", "-o", trace, "--", program])
    expectPrintable(result.output + result.errors, "not executable")
    chmod(program, 0o755)
    let second = try BuiltCommand.run(["run", "-o", trace, "--", program])
    expectPrintable(second.output + second.errors, "executable")
    let third = try BuiltCommand.run(["doctor", "--", program])
    expectPrintable(third.output + third.errors, "doctor")
  }
}
