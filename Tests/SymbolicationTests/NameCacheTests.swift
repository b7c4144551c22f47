// SPDX-License-Identifier: Apache-2.0
//
// Names from an earlier report: used where they must be the same, and only there.

import Foundation
import Testing

@testable import Symbolication

struct NameCacheTests {
  private let folder: TemporaryFolder
  private let cachePath: String
  private let cache: NameCache

  init() throws {
    folder = try TemporaryFolder()
    cachePath = folder.path(of: "cache")
    cache = try #require(NameCache(folder: cachePath))
  }

  /// What no file has; a name like this can only have come from the cache.
  private static let marker = "from the cache"

  @Test func aSecondReportTakesTheNamesOfTheFirst() throws {
    let fixture = try fixture()
    let image = try fixture.image()
    let addresses = try ElfSections(ofFile: fixture.path).codeAddresses(count: 200)
    let fresh = frames(image, addresses, cache: nil)
    #expect(frames(image, addresses) == fresh)
    #expect(try cacheFiles().count == 1)
    #expect(frames(image, addresses) == fresh)
    try markEverything(image)
    #expect(frames(image, addresses).allSatisfy { $0.map(\.function) == [Self.marker] })
  }

  @Test func addressesThatAreNewAreAddedToThoseKnown() throws {
    let fixture = try fixture()
    let image = try fixture.image()
    let addresses = try ElfSections(ofFile: fixture.path).codeAddresses(count: 100)
    let fresh = frames(image, addresses, cache: nil)
    _ = frames(image, Array(addresses[50...]))
    try markEverything(image)
    let mixed = frames(image, addresses)
    #expect(mixed[..<50].elementsEqual(fresh[..<50]))
    #expect(mixed[50...].allSatisfy { $0.map(\.function) == [Self.marker] })
    #expect(frames(image, addresses) == mixed)
    #expect(try cacheFiles().count == 1)
  }

  @Test func theSameFileElsewhereHasTheSameNames() throws {
    let fixture = try fixture()
    let image = try fixture.image()
    _ = frames(image, [image.start + 0x1000])
    try markEverything(image)
    let copy = fixture.folder.path(of: "elsewhere/program")
    try #require(Tool("cp")).run(["-p", fixture.path, copy])
    let moved = try Fixture.image(ofFile: copy, loadBias: 0x5000_0000)
    #expect(
      frames(moved, [moved.start + 0x1000]).map { $0.map(\.function) } == [[Self.marker]])
  }

  /// A build-id can be chosen by hand.
  @Test func anotherFileWithTheSameBuildIDHasItsOwnNames() throws {
    let id = "-Wl,--build-id=0x00112233445566778899aabbccddeeff00112233"
    let fixture = try Fixture("assembly.c", compiler: "cc", flags: [id])
    let other = try Fixture("calls.cpp", compiler: "c++", flags: ["-O2", "-g", id])
    let image = try fixture.image()
    let addresses = try ElfSections(ofFile: other.path).codeAddresses(count: 200)
    let before = frames(image, addresses)
    try replace(fixture.path, with: other.path)
    let replaced = try fixture.image()
    #expect(replaced.buildID == image.buildID)
    let after = frames(replaced, addresses)
    #expect(after != before)
    #expect(after == frames(replaced, addresses, cache: nil))
  }

  @Test(.enabled(if: Tool("objcopy") != nil && Tool("strip") != nil))
  func aDebugFileThatComesOrGoesIsNoticed() throws {
    let fixture = try fixture()
    let debugFile = fixture.folder.path(of: "program.debug")
    let kept = fixture.folder.path(of: "kept")
    let objcopy = try #require(Tool("objcopy"))
    try objcopy.run(["--only-keep-debug", fixture.path, debugFile])
    try #require(Tool("strip")).run([fixture.path])
    try objcopy.run(["--add-gnu-debuglink=\(debugFile)", fixture.path])
    try FileManager.default.moveItem(atPath: debugFile, toPath: kept)
    let image = try fixture.image()
    let addresses = try ElfSections(ofFile: fixture.path).codeAddresses(count: 100)
    let without = frames(image, addresses)
    #expect(without.allSatisfy { $0[0].line == nil })
    try FileManager.default.moveItem(atPath: kept, toPath: debugFile)
    let with = frames(image, addresses)
    #expect(with.contains { $0[0].line != nil })
    #expect(with == frames(image, addresses, cache: nil))
    try FileManager.default.removeItem(atPath: debugFile)
    #expect(frames(image, addresses) == without)
  }

  /// libdwfl's structures start out with descriptor 0, and it closes what it believes to be its own.
  @Test(.enabled(if: Tool("objcopy") != nil && Tool("strip") != nil))
  func lookingForADebugFileLeavesStandardInputOpen() throws {
    let fixture = try fixture()
    let id = try ElfSections(ofFile: fixture.path).buildID.map { String(format: "%02x", $0) }
    let debugFile = fixture.folder.path(
      of: "root/usr/lib/debug/.build-id/\(id[0])/\(id.dropFirst().joined()).debug")
    try #require(Tool("objcopy")).run(["--only-keep-debug", fixture.path, debugFile])
    try #require(Tool("strip")).run([fixture.path])
    try FileManager.default.copyItem(
      atPath: fixture.path, toPath: fixture.folder.path(of: "root/opt/program"))
    let image = try Fixture.image(ofFile: fixture.path, at: "/opt/program", loadBias: 0)
    let addresses = try ElfSections(ofFile: fixture.path).codeAddresses(count: 100)
    var before = stat()
    var after = stat()
    #expect(fstat(0, &before) == 0)
    for _ in 0..<2 {
      var symbolicator = ElfSymbolicator(
        images: [image], sysroot: fixture.folder.path + "/root", cache: cache)
      let frames = symbolicator.frames(for: addresses.map(codeAddress))
      #expect(frames.contains { $0[0].line != nil })
      #expect(fstat(0, &after) == 0)
      #expect(before.st_dev == after.st_dev && before.st_ino == after.st_ino)
    }
    #expect(try cacheFiles().count == 1)
  }

  @Test func namesThatFallShortAreNotKept() throws {
    let fixture = try Fixture(
      "calls.cpp", compiler: "c++", flags: ["-O2", "-g", "-gsplit-dwarf", "-Wl,--build-id=sha1"])
    let split = fixture.folder.path(of: "program-calls.dwo")
    let kept = fixture.folder.path(of: "kept")
    try FileManager.default.moveItem(atPath: split, toPath: kept)
    let image = try fixture.image()
    let addresses = try ElfSections(ofFile: fixture.path).codeAddresses(count: 200)
    for _ in 0..<2 {
      var symbolicator = ElfSymbolicator(images: [image], cache: cache)
      _ = symbolicator.frames(for: addresses.map { codeAddress($0) })
      #expect(
        symbolicator.warnings
          == [.debugInformation(path: fixture.path, .missingSplitFile(split))])
    }
    #expect(try cacheFiles().isEmpty)
    try FileManager.default.moveItem(atPath: kept, toPath: split)
    #expect(frames(image, addresses).contains { $0.count > 1 })
    #expect(try cacheFiles().count == 1)
  }

  @Test(arguments: ["-Wl,--build-id=none", "-Wl,--build-id=0x0102"])
  func anImageWithoutABuildIDOfItsOwnIsNotKept(flag: String) throws {
    let fixture = try Fixture("assembly.c", compiler: "cc", flags: [flag])
    let image = try fixture.image()
    #expect(frames(image, [image.start + 0x1000]).count == 1)
    #expect(try cacheFiles().isEmpty)
  }

  @Test func aDamagedFileIsAsGoodAsNone() throws {
    let fixture = try fixture()
    let image = try fixture.image()
    let addresses = try ElfSections(ofFile: fixture.path).codeAddresses(count: 100)
    let fresh = frames(image, addresses)
    let file = try #require(try cacheFiles().first)
    let whole = try Data(contentsOf: URL(fileURLWithPath: file))
    var generator = Seeded(state: 3)
    for round in 0..<20 {
      var content = whole
      switch round {
      case 0: content = Data()
      case 1: content.append(0)
      case 2..<10: content.removeLast(.random(in: 1..<whole.count, using: &generator))
      default:
        content[Int.random(in: 0..<whole.count, using: &generator)] ^= 0x10
      }
      try content.write(to: URL(fileURLWithPath: file))
      #expect(frames(image, addresses) == fresh)
      // And it is whole again.
      #expect(try Data(contentsOf: URL(fileURLWithPath: file)) == whole)
    }
  }

  @Test func manyReportsAtOnceDoNoHarm() async throws {
    let fixture = try fixture()
    let image = try fixture.image()
    let addresses = try ElfSections(ofFile: fixture.path).codeAddresses(count: 240)
    let fresh = frames(image, addresses, cache: nil)
    await withTaskGroup(of: Bool.self) { group in
      for number in 0..<12 {
        group.addTask {
          let part = addresses.indices.filter { $0 % 12 == number || $0 % 5 == 0 }
          return (0..<4).allSatisfy { _ in
            frames(image, part.map { addresses[$0] }) == part.map { fresh[$0] }
          }
        }
      }
      for await isRight in group { #expect(isRight) }
    }
    // One file, no half ones beside it, and it is whole.
    let files = try cacheFiles()
    #expect(files.count == 1)
    let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: files[0])))
    #expect(NameTable(bytes, key: try key(image).text) != nil)
    #expect(frames(image, addresses) == fresh)
  }

  private func fixture() throws -> Fixture {
    try Fixture("calls.cpp", compiler: "c++", flags: ["-O2", "-g", "-Wl,--build-id=sha1"])
  }

  private func codeAddress(_ address: UInt64) -> CodeAddress {
    CodeAddress(address: address, isReturnAddress: false, image: 0)
  }

  private func frames(_ image: LoadedImage, _ addresses: [UInt64]) -> [[Frame]] {
    frames(image, addresses, cache: cache)
  }

  private func frames(
    _ image: LoadedImage, _ addresses: [UInt64], cache: NameCache?
  ) -> [[Frame]] {
    var symbolicator = ElfSymbolicator(images: [image], cache: cache)
    return symbolicator.frames(for: addresses.map(codeAddress))
  }

  private func key(_ image: LoadedImage) throws -> NameCacheKey {
    let file = try #require(try ElfFile.of(image, sysroot: nil))
    return try #require(
      NameCacheKey(image: image, file: file) { try? ElfFile.of(image, sysroot: nil) })
  }

  /// Gives every address that is in the cache a name that none has.
  private func markEverything(_ image: LoadedImage) throws {
    let key = try key(image)
    let table = try #require(cache.table(for: key))
    cache.store(
      table.rows.map { ($0.address, [SourceFunction(name: Self.marker)]) }, with: nil, for: key)
  }

  private func cacheFiles() throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: cachePath).map { cachePath + "/" + $0 }
  }

  private func replace(_ path: String, with other: String) throws {
    try FileManager.default.removeItem(atPath: path)
    try FileManager.default.copyItem(atPath: other, toPath: path)
  }
}
