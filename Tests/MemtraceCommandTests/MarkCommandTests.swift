// SPDX-License-Identifier: Apache-2.0
//
// `memtrace mark` on a process that is traced in all but name: this one, with a trace mapped.

import CTraceFormat
import Foundation
import MemtraceTestSupport
import Testing
import TraceFile

@Suite(.serialized) struct MarkCommandTests {
  private let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
  }

  /// A trace of this process, mapped as long as `body` runs.
  private func withMappedTrace(
    _ change: (TraceBuilder) -> Void = { _ in }, _ body: (String) throws -> Void
  ) throws {
    let builder = TraceBuilder(pid: UInt32(getpid()))
    change(builder)
    let path = try folder.file("trace \(UUID().uuidString).bin", builder.bytes)
    let descriptor = open(path, O_RDWR)
    let page = try #require(
      mmap(nil, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0))
    try #require(page != MAP_FAILED)
    close(descriptor)
    defer { munmap(page, 4096) }
    try body(path)
  }

  @Test func marksAppearInTheTraceWithTheirTime() throws {
    try withMappedTrace { path in
      let sizeBefore = try Data(contentsOf: URL(fileURLWithPath: path)).count
      for name in ["warm", "größer als vorher", String(repeating: "n", count: 1024)] {
        let result = try BuiltCommand.run("mark", "\(getpid())", name)
        #expect(result.status == 0, "\(result.errors)")
        #expect(result.output == "")
        #expect(result.errors == "")
      }
      let snapshot = try BuiltCommand.run("mark", "--snapshot", "\(getpid())", "snap")
      #expect(snapshot.status == 0)
      let trace = try TraceFile(path: .init(path))
      #expect(trace.marks.map(\.kind) == [.named, .named, .named, .snapshot])
      #expect(trace.marks.map(\.name).first == "warm")
      #expect(trace.marks.map(\.name).contains("größer als vorher"))
      #expect(trace.damage == [])
      let sizeAfter = try Data(contentsOf: URL(fileURLWithPath: path)).count
      #expect((sizeAfter - sizeBefore) % 32 == 0)
    }
  }

  @Test func manyMarksAtOnceDoNotOverwriteEachOther() throws {
    try withMappedTrace { path in
      let running = try (0..<20).map { number in
        let process = Process()
        process.executableURL = URL(fileURLWithPath: BuiltCommand.path)
        process.arguments = ["mark", "\(getpid())", "mark \(number)"]
        try process.run()
        return process
      }
      for process in running {
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
      }
      let trace = try TraceFile(path: .init(path))
      #expect(Set(trace.marks.map(\.name)) == Set((0..<20).map { "mark \($0)" }))
      #expect(trace.damage == [])
    }
  }

  @Test func aRecordingThatIsOverTakesNoMarks() throws {
    try withMappedTrace({ $0.end(at: 5) }) { _ in
      let result = try BuiltCommand.run("mark", "\(getpid())", "late")
      #expect(result.status == 69)
    }
  }

  @Test func aProcessWithoutATraceIs69() throws {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/sleep")
    process.arguments = ["30"]
    try process.run()
    defer { process.terminate() }
    let result = try BuiltCommand.run("mark", "\(process.processIdentifier)", "x")
    #expect(result.status == 69)
    #expect(result.isOneLineError)
    #expect(result.errors.contains("is not being recorded"))
    let gone = try BuiltCommand.run("mark", "999999999", "x")
    #expect(gone.status == 69)
    #expect(gone.isOneLineError)
  }
}
