// SPDX-License-Identifier: Apache-2.0
//
// The names of a run's traces, as trace_path.c makes them.

import Foundation
import Testing

@testable import memtrace

@Suite struct TracePathTests {
  private let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
  }

  @Test func thePathIsAbsoluteAndTakesTheProcessID() throws {
    let path = try TracePath(folder.path + "/t.%p.bin")
    #expect(path.file(of: 12) == folder.path + "/t.12.bin")
    #expect(try TracePath("x.bin").pattern == FileManager.default.currentDirectoryPath + "/x.bin")
  }

  @Test(arguments: [
    ("trace.bin", "trace.77.bin"), ("trace", "trace.77"), ("t.%p.bin", "t.77.bin"),
    (".hidden", ".hidden.77"), ("a.b.c", "a.b.77.c"),
  ])
  func tracesOfOtherProcessesAreFoundAgain(name: String, other: String) throws {
    let path = try TracePath(folder.path + "/" + name)
    let main = path.file(of: 5)
    try Data().write(to: URL(fileURLWithPath: main))
    let old = try folder.file(other.replacingOccurrences(of: "77", with: "66"), [])
    utimes(old, [timeval(tv_sec: 5, tv_usec: 0), timeval(tv_sec: 5, tv_usec: 0)])
    _ = try folder.file(other, [])
    _ = try folder.file(other + ".old", [])
    _ = try folder.file("unrelated.77.txt", [])
    let found = path.others(than: 5, since: timespec(tv_sec: 1000, tv_nsec: 0))
    #expect(found == [folder.path + "/" + other])
  }

  @Test func aFolderThatIsNotThereIsRefused() {
    #expect(throws: CommandFailure.self) { try TracePath("/nonexistent/trace.bin") }
    #expect(throws: CommandFailure.self) { try TracePath(folder.path) }
  }
}
