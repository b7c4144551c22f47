// SPDX-License-Identifier: Apache-2.0
//
// docs/security.md, promise by promise, as far as the command keeps them: a trace, and whatever a
// trace names, is only ever read.

import Foundation
import MemtraceTestSupport
import Testing

@Suite struct SecurityTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// A trace with one allocation in an image at `path`.
  private func trace(withImage path: String) throws -> TemporaryTrace {
    let builder = TraceBuilder()
    builder.image(path, start: 0x5555_0000, end: 0x5556_0000, loadBias: 0x5555_0000, buildID: [])
    let stack = builder.stack([0x5555_1130])
    builder.window(thread: 1).malloc(0x100, 1000, stack: stack, at: 1_000_000)
    builder.end(at: 2_000_000)
    return try TemporaryTrace(builder)
  }

  /// The exit status of a report on a trace with an image at `path`.
  private func reportStatus(withImage path: String) throws -> Int32 {
    let trace = try trace(withImage: path)
    return try withExtendedLifetime(trace) {
      try BuiltCommand.run("report", trace.path.string).status
    }
  }

  @Test func aLibraryThatATraceNamesIsNotRun() throws {
    let marker = folder.path + "/was-run"
    let library = try folder.compile(
      """
      #include <fcntl.h>
      __attribute__((constructor)) static void run(void) { open("\(marker)", O_CREAT, 0600); }
      """, as: "evil.so", ["-shared", "-fPIC"])
    #expect(try reportStatus(withImage: library) == 0)
    #expect(!FileManager.default.fileExists(atPath: marker))
  }

  @Test func aPathThatATraceNamesIsNoCommand() throws {
    let marker = folder.path + "/was-run"
    for path in ["|touch \(marker)", "$(touch \(marker))", "/bin/sh -c 'touch \(marker)'"] {
      #expect(try reportStatus(withImage: path) == 0, "\(path)")
    }
    #expect(!FileManager.default.fileExists(atPath: marker))
  }

  @Test func aPipeOrADeviceThatATraceNamesIsNotWaitedFor() throws {
    let fifo = folder.path + "/fifo"
    #expect(mkfifo(fifo, 0o600) == 0)
    for path in [fifo, "/dev/zero", "/dev/tty", "/proc/self/mem"] {
      #expect(try reportStatus(withImage: path) == 0, "\(path)")
    }
  }

  @Test func readingChangesNothing() throws {
    let trace = try trace(withImage: "/bin/true")
    let before = try Data(contentsOf: URL(fileURLWithPath: trace.path.string))
    #expect(chmod(trace.path.string, 0o400) == 0)
    #expect(try BuiltCommand.run("report", trace.path.string).status == 0)
    #expect(try Data(contentsOf: URL(fileURLWithPath: trace.path.string)) == before)
  }
}
