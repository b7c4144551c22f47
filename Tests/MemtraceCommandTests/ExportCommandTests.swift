// SPDX-License-Identifier: Apache-2.0
//
// `memtrace export`, as a user runs it; the formats themselves are MemtraceExportTests'.

import CTraceFormat
import Foundation
import MemtraceTestSupport
import Testing

@Suite struct ExportCommandTests {
  private let folder: TemporaryFolder
  private let trace: String

  init() throws {
    folder = try TemporaryFolder()
    let builder = TraceBuilder()
    let window = builder.window(thread: 1)
    window.malloc(0x10, 100, stack: builder.stack([0x1000, 0x2000]), at: 1000)
    window.malloc(0x20, 50, stack: builder.stack([0x3000, 0x2000]), at: 2000)
    builder.mark("warm", at: 1500)
    builder.end(at: 10_000)
    trace = try folder.file("trace.bin", builder.bytes)
  }

  @Test func anExportGoesToStandardOutputOrToAFile() throws {
    let shown = try BuiltCommand.run("export", "--format", "collapsed", trace)
    #expect(shown.status == 0)
    #expect(shown.output == "0x2000;0x1000 100\n0x2000;0x3000 50\n")
    let file = folder.path + "/out.txt"
    let kept = try BuiltCommand.run("export", "--format", "collapsed", "-o", file, trace)
    #expect(kept.status == 0 && kept.output == "" && kept.errors == "")
    #expect(try String(contentsOfFile: file, encoding: .utf8) == shown.output)
  }

  @Test func itTakesTheSelectionOfAReport() throws {
    let late = try BuiltCommand.run("export", "--format", "collapsed", "--from", "warm", trace)
    #expect(late.output == "0x2000;0x3000 50\n")
    let early = try BuiltCommand.run(
      "export", "--format", "collapsed", "--to", "warm", "--metric", "count", trace)
    #expect(early.output == "0x2000;0x1000 1\n")
  }

  @Test(arguments: [
    ["export", "trace.bin"], ["export", "--format", "gif", "trace.bin"],
    ["export", "--format", "pprof", "--metric", "peak", "trace.bin"],
    ["export", "--format", "firefox", "--metric", "count", "trace.bin"],
    ["export", "--format", "csv", "--only-image", "", "trace.bin"],
  ])
  func wrongUsageIsSaidInOneLine(arguments: [String]) throws {
    let result = try BuiltCommand.run(arguments, in: folder.path)
    #expect(result.status == 64)
    #expect(result.isOneLineError, "\(result.errors)")
  }

  @Test func whatCannotBeWrittenOrReadHasItsStatus() throws {
    let file = folder.path + "/none/out"
    #expect(try BuiltCommand.run("export", "--format", "dot", "-o", file, trace).status == 73)
    #expect(try BuiltCommand.run("export", "--format", "dot", "-o", trace, trace).status == 73)
    #expect(try BuiltCommand.run("export", "--format", "dot", "/none/trace").status == 66)
    let text = try folder.file("text", "no trace".utf8)
    let result = try BuiltCommand.run("export", "--format", "pprof", text)
    #expect(result.status == 65 && result.isOneLineError)
    let full = try BuiltCommand.run("export", "--format", "ndjson", "-o", "/dev/full", trace)
    #expect(full.status == 73 && full.isOneLineError)
  }

  @Test func bytesThatAreNoTextDoNotGoToATerminal() throws {
    let shown = try BuiltCommand.onTerminal(
      columns: 80, ["export", "--format", "pprof", trace], environment: [:], status: 64)
    #expect(shown == "")
    let text = try BuiltCommand.onTerminal(
      columns: 80, ["export", "--format", "collapsed", trace], environment: [:])
    #expect(text.hasPrefix("0x2000;0x1000 100\n"))
  }
}
