// SPDX-License-Identifier: Apache-2.0
//
// Where the command keeps names for the next report, and how to keep it from doing so.

import Foundation
import Testing

@Suite struct NameCacheOptionTests {
  private let program: TracedBinary
  private let home: String

  init() throws {
    program = try TracedBinary()
    home = program.folder.path + "/home"
    try FileManager.default.createDirectory(atPath: home, withIntermediateDirectories: false)
  }

  private func report(_ arguments: [String] = [], _ variables: [String: String]) throws {
    let environment = ["MEMTRACE_CACHE": "1", "HOME": home, "XDG_CACHE_HOME": ""]
      .merging(variables) { $1 }
    let frame = try program.frames(arguments, environment: environment)[0]
    #expect(frame["function"] as? String == "lose_block")
    #expect(frame["line"] as? Int == 2)
  }

  private func files(_ folder: String) -> [String] {
    (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
  }

  private var standard: String { home + "/.cache/memtrace" }

  @Test func namesAreKeptInTheUsersCacheFolder() throws {
    for _ in 0..<2 {
      try report([:])
      #expect(files(standard).count == 1)
      #expect(files(standard)[0].hasPrefix(program.hexadecimalBuildID))
    }
  }

  @Test func anotherFolderForCachesIsHonoured() throws {
    let folder = program.folder.path + "/caches"
    try report(["XDG_CACHE_HOME": folder])
    #expect(files(folder + "/memtrace").count == 1)
    #expect(files(home) == [])
    // A relative one is to be ignored.
    try report(["XDG_CACHE_HOME": "caches"])
    #expect(files(standard).count == 1)
  }

  @Test func nothingIsKeptWhenTheUserDoesNotWantIt() throws {
    try report(["--no-cache"], [:])
    try report(["MEMTRACE_CACHE": "0"])
    let nowhere = program.folder.path + "/nowhere"
    try report(["HOME": nowhere])
    #expect(!FileManager.default.fileExists(atPath: nowhere))
    try report(["HOME": ""])
    #expect(files(home) == [])
  }

  @Test func aCacheFolderThatCannotBeMadeIsNoReasonToFail() throws {
    let file = try program.folder.file("file", "not a folder".utf8)
    try report(["XDG_CACHE_HOME": file])
    try report(["XDG_CACHE_HOME": file + "/below"])
  }

  private func report(_ variables: [String: String]) throws { try report([], variables) }
}
