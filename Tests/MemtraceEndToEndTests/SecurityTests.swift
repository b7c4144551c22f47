// SPDX-License-Identifier: Apache-2.0
//
// docs/security.md, promise by promise, as far as the shim keeps them. File modes and links stand in
// HardPlaceTests, where they belong to what may stand in the way.

import Foundation
import Testing

@Suite struct RecordingSecurityTests {
  /// Secrets stand in the environment and in the heap; a trace is handed on, to colleagues and CI.
  @Test func noVariableAndNoContentOfABlockIsInATrace() throws {
    let secret = "hunter2-\(UInt64.random(in: 0...UInt64.max))"
    let script = """
      import os, subprocess
      kept = [os.environ['DATABASE_PASSWORD'] * n for n in range(1, 2000)]
      subprocess.run(['/bin/sh', '-c', 'true'])
      """
    guard let python = Project.installed("python3") else { return }
    let run = try runTraced(python, ["-c", script], environment: ["DATABASE_PASSWORD": secret])
    #expect(run.ending == .exited(0))
    let names = try run.traceNames()
    #expect(names.count >= 2)
    for name in names {
      let bytes = try Data(contentsOf: URL(fileURLWithPath: run.directory.file(name)))
      #expect(bytes.range(of: Data(secret.utf8)) == nil, "\(name)")
      #expect(bytes.range(of: Data("DATABASE_PASSWORD=".utf8)) == nil, "\(name)")
    }
  }

  @Test func everyTraceIsForItsOwnersEyesWhateverTheMask() throws {
    let run = try runTraced("/bin/sh", ["-c", "umask 0; (ls / >/dev/null); exec ls / >/dev/null"])
    let names = try run.traceNames()
    #expect(names.count >= 2)
    for name in names {
      var status = stat()
      #expect(lstat(run.directory.file(name), &status) == 0)
      #expect(status.st_mode & 0o7777 == 0o600, "\(name)")
    }
  }

  /// A mark is written into the trace: who may not write to that may not mark.
  @Test(
    .enabled(
      if: geteuid() == 0 && Project.installed("setpriv") != nil, "another user's work is root's"))
  func anotherUserCannotMark() throws {
    let directory = try TemporaryDirectory()
    chmod(directory.path, 0o755)
    let command = directory.file("memtrace")
    try FileManager.default.copyItem(atPath: Project.command, toPath: command)
    let setpriv = try #require(Project.installed("setpriv"))
    let result = try Halfway.run(in: directory) { running in
      let mark = try run(
        setpriv,
        [
          "--reuid=65534", "--regid=65534", "--clear-groups", command, "mark", "\(running.pid)",
          "x",
        ],
        in: "/")
      #expect(mark.ending != .exited(0))
      #expect(mark.errors.hasPrefix("memtrace: "), "\(mark.errors)")
      #expect(mark.errors.split(separator: "\n").count == 1)
    }
    Halfway.expectItRanOn(result)
    let report = try Report(
      onTrace: directory.file("trace.bin"), of: Halfway.program.path())
    #expect(report.contents.marks.isEmpty)
  }
}
