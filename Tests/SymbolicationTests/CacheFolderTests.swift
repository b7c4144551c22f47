// SPDX-License-Identifier: Apache-2.0
//
// The folder of the cache: private, bounded, and never in anyone's way.

import Foundation
import Testing

@testable import Symbolication

struct CacheFolderTests {
  private let temporary: TemporaryFolder
  private let path: String

  init() throws {
    temporary = try TemporaryFolder()
    path = temporary.path(of: "cache")
  }

  @Test func itAndItsFilesAreForTheUserAlone() throws {
    let folder = try #require(CacheFolder(path: path, byteLimit: 1000))
    folder.write([1, 2, 3], to: "a")
    #expect(folder.read("a", byteLimit: 10) == [1, 2, 3])
    #expect(try mode(path) == 0o700)
    #expect(try mode(path + "/a") == 0o600)
    #expect(try names() == ["a"])
  }

  @Test func aFolderThatOthersCouldWriteToIsMadePrivate() throws {
    try FileManager.default.createDirectory(
      atPath: path, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o777])
    #expect(CacheFolder(path: path, byteLimit: 1000) != nil)
    #expect(try mode(path) == 0o700)
  }

  @Test func aLinkOrAFileInItsPlaceIsNotUsed() throws {
    try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: temporary.path)
    #expect(CacheFolder(path: path, byteLimit: 1000) == nil)
    try FileManager.default.removeItem(atPath: path)
    try Data().write(to: URL(fileURLWithPath: path))
    #expect(CacheFolder(path: path, byteLimit: 1000) == nil)
    #expect(CacheFolder(path: path + "/below/a/file", byteLimit: 1000) == nil)
  }

  @Test func aLinkOrAPipeInAFilesPlaceIsNotRead() throws {
    let folder = try #require(CacheFolder(path: path, byteLimit: 1000))
    let secret = temporary.path(of: "secret")
    try Data([1]).write(to: URL(fileURLWithPath: secret))
    try FileManager.default.createSymbolicLink(
      atPath: path + "/link", withDestinationPath: secret)
    #expect(mkfifo(path + "/pipe", 0o600) == 0)
    for name in ["link", "pipe", "none"] { #expect(folder.read(name, byteLimit: 10) == nil) }
    // A link is replaced, not followed.
    folder.write([2], to: "link")
    #expect(folder.read("link", byteLimit: 10) == [2])
    #expect([UInt8](try Data(contentsOf: URL(fileURLWithPath: secret))) == [1])
  }

  @Test func aFileLargerThanAskedForIsNotRead() throws {
    let folder = try #require(CacheFolder(path: path, byteLimit: 1000))
    folder.write([1, 2, 3], to: "a")
    #expect(folder.read("a", byteLimit: 3) == [1, 2, 3])
    #expect(folder.read("a", byteLimit: 2) == nil)
  }

  @Test func whatWasUsedLongestAgoMakesRoom() throws {
    let folder = try #require(CacheFolder(path: path, byteLimit: 1000))
    let content = [UInt8](repeating: 7, count: 300)
    for (index, name) in ["a", "b", "c"].enumerated() {
      folder.write(content, to: name)
      try setAge(of: name, seconds: 100 - index)
    }
    // Reading counts as use.
    #expect(folder.read("a", byteLimit: 1000) == content)
    folder.write(content, to: "d")
    #expect(try names() == ["a", "c", "d"])
    folder.write([UInt8](repeating: 7, count: 1000), to: "e")
    #expect(try names() == ["e"])
    folder.write([UInt8](repeating: 7, count: 1001), to: "f")
    #expect(try names() == ["e"])
  }

  @Test func whatAKilledWriterLeftIsTakenAwayLater() throws {
    let folder = try #require(CacheFolder(path: path, byteLimit: 1000))
    for name in ["old.1.tmp", "new.2.tmp"] {
      try Data([1]).write(to: URL(fileURLWithPath: path + "/" + name))
    }
    try setAge(of: "old.1.tmp", seconds: 2 * 3600)
    folder.write([1], to: "a")
    #expect(try names() == ["a", "new.2.tmp"])
  }

  @Test func aFolderThatIsGoneIsNoReasonToFail() throws {
    let folder = try #require(CacheFolder(path: path, byteLimit: 1000))
    try FileManager.default.removeItem(atPath: path)
    folder.write([1], to: "a")
    #expect(folder.read("a", byteLimit: 10) == nil)
  }

  private func mode(_ path: String) throws -> Int {
    let attributes = try FileManager.default.attributesOfItem(atPath: path)
    return attributes[.posixPermissions] as? Int ?? 0
  }

  private func names() throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: path).sorted()
  }

  private func setAge(of name: String, seconds: Int) throws {
    try FileManager.default.setAttributes(
      [.modificationDate: Date(timeIntervalSinceNow: -Double(seconds))],
      ofItemAtPath: path + "/" + name)
  }
}
