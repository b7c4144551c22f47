// SPDX-License-Identifier: Apache-2.0
//
// `memtrace mark` on a process that is traced in all but name: it maps a trace, and sleeps.

import CTraceFormat
import Foundation
import MemtraceTestSupport
import Testing
import TraceFile

@Suite struct MarkCommandTests {
  private static let sleeper = """
    #include <fcntl.h>
    #include <sys/mman.h>
    #include <unistd.h>
    int main(int count, char **arguments)
    {
        int file = count == 2 ? open(arguments[1], O_RDWR) : -1;
        if (mmap(0, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0) == MAP_FAILED)
            return 1;
        close(file);
        write(1, "mapped", 6);
        pause();
        return 0;
    }

    """

  private let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
  }

  /// Calls `body` with a process that has a trace of its own mapped, and with the trace's path.
  private func withTracedProcess(
    _ change: (TraceBuilder) -> Void = { _ in }, _ body: (String, String) throws -> Void
  ) throws {
    let builder = TraceBuilder()
    change(builder)
    let path = try folder.file("a trace.bin", builder.bytes)
    let process = Process()
    process.executableURL = URL(
      fileURLWithPath: try folder.compile(Self.sleeper, as: "sleeper"))
    process.arguments = [path]
    let output = Pipe()
    process.standardOutput = output
    try process.run()
    defer {
      kill(process.processIdentifier, SIGKILL)
      process.waitUntilExit()
    }
    #expect(try output.fileHandleForReading.read(upToCount: 6)?.count == 6)
    // Only now it is known who writes the trace.
    builder.setField(\.pid, UInt32(process.processIdentifier))
    let file = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
    try file.write(contentsOf: builder.bytes.prefix(Int(MT_FILE_HEADER_BYTE_COUNT)))
    try file.close()
    try body("\(process.processIdentifier)", path)
  }

  @Test func marksAppearInTheTraceWithTheirTime() throws {
    try withTracedProcess { pid, path in
      let sizeBefore = try Data(contentsOf: URL(fileURLWithPath: path)).count
      for name in ["warm", "größer als vorher", String(repeating: "n", count: 1024)] {
        let result = try BuiltCommand.run("mark", pid, name)
        #expect(result.status == 0, "\(result.errors)")
        #expect(result.output == "")
        #expect(result.errors == "")
      }
      let snapshot = try BuiltCommand.run("mark", "--snapshot", pid, "snap")
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
    try withTracedProcess { pid, path in
      let running = try (0..<20).map { number in
        let process = Process()
        process.executableURL = URL(fileURLWithPath: BuiltCommand.path)
        process.arguments = ["mark", pid, "mark \(number)"]
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
    try withTracedProcess({ $0.end(at: 5) }) { pid, _ in
      let result = try BuiltCommand.run("mark", pid, "late")
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
