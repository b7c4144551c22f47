// SPDX-License-Identifier: Apache-2.0
//
// Files that cannot be used, and are said to be so: once each, and their names never guessed.

import Foundation
import Testing

@testable import Symbolication

struct SymbolicationWarningTests {
  @Test func aReplacedFileIsNotUsed() throws {
    let fixture = try Fixture("assembly.c", compiler: "cc", flags: ["-Wl,--build-id=sha1"])
    let recorded = try fixture.image()
    let other = try Fixture("assembly.c", compiler: "cc", flags: ["-O3", "-Wl,--build-id=md5"])
    try FileManager.default.removeItem(atPath: fixture.path)
    try FileManager.default.copyItem(atPath: other.path, toPath: fixture.path)
    let (frames, warnings) = try name(recorded)
    #expect(frames.allSatisfy { $0.count == 1 && $0[0].function == nil })
    #expect(frames[0][0].image == fixture.path)
    #expect(warnings == [.replacedFile(path: fixture.path)])
  }

  @Test func aFileThatGainedOrLostItsBuildIDIsNotUsed() throws {
    let with = try Fixture("assembly.c", compiler: "cc", flags: ["-Wl,--build-id=sha1"])
    let without = try Fixture("assembly.c", compiler: "cc", flags: ["-Wl,--build-id=none"])
    #expect(try without.image().buildID.isEmpty)
    let gained = LoadedImage(path: with.path, buildID: [], start: 0, end: 1 << 14, loadBias: 0)
    let lost = LoadedImage(
      path: without.path, buildID: try with.image().buildID, start: 0, end: 1 << 40, loadBias: 0)
    #expect(try name(gained).warnings == [.replacedFile(path: with.path)])
    #expect(try name(lost).warnings == [.replacedFile(path: without.path)])
  }

  @Test func aFileWithoutABuildIDThenAndNowIsUsed() throws {
    let fixture = try Fixture("assembly.c", compiler: "cc", flags: ["-Wl,--build-id=none"])
    var symbolicator = ElfSymbolicator(images: [try fixture.image()])
    let address = try #require(try symbolAddresses(of: fixture)["sized"])
    let frames = symbolicator.frames(for: [
      CodeAddress(address: address, isReturnAddress: false, image: 0)
    ])
    #expect(frames[0][0].function == "sized")
    #expect(symbolicator.warnings.isEmpty)
  }

  @Test(arguments: ["/nonexistent/libgone.so", "relative.so", "", "/usr/lib/x.so (deleted)"])
  func aMissingFileIsWarnedOfOnce(path: String) throws {
    let image = LoadedImage(
      path: path, buildID: [1, 2, 3], start: 0x1000, end: 0x2000, loadBias: 0x1000)
    let (frames, warnings) = try name(image)
    #expect(frames[0] == [Frame(image: path, imageOffset: 0, address: 0x1000)])
    #expect(warnings == [.missingFile(path: path)])
  }

  @Test(arguments: ["[vdso]", "linux-vdso.so.1"])
  func theKernelsCodeHasNoFileAndNeedsNone(path: String) throws {
    let image = LoadedImage(path: path, buildID: [1], start: 0x1000, end: 0x2000, loadBias: 0x1000)
    let (frames, warnings) = try name(image)
    #expect(frames[0] == [Frame(image: path, imageOffset: 0, address: 0x1000)])
    #expect(warnings.isEmpty)
  }

  @Test func aFileThatIsNoELFFileIsUnreadable() throws {
    let folder = try TemporaryFolder()
    for content in ["", "#!/bin/sh\n", "\u{7f}ELF", String(repeating: "x", count: 5000)] {
      let path = folder.path(of: "file\(content.utf8.count)")
      try content.write(toFile: path, atomically: false, encoding: .utf8)
      let image = LoadedImage(path: path, buildID: [], start: 0, end: 1 << 40, loadBias: 0)
      let (frames, warnings) = try name(image)
      #expect(frames[0][0].function == nil)
      #expect(warnings.count == 1)
      guard case .unreadableFile(path, _) = warnings.first else {
        Issue.record("\(warnings) for \(content.prefix(20))")
        continue
      }
    }
  }

  @Test func aFolderAndAPipeAreUnreadableAndDoNotBlock() throws {
    let folder = try TemporaryFolder()
    let pipe = folder.path(of: "pipe")
    #expect(mkfifo(pipe, 0o600) == 0)
    for path in [folder.path, pipe] {
      let image = LoadedImage(path: path, buildID: [], start: 0, end: 1 << 40, loadBias: 0)
      #expect(
        try name(image).warnings == [.unreadableFile(path: path, reason: "not a regular file")])
    }
  }

  /// Two goes at two addresses: what is wrong is still said once.
  private func name(
    _ image: LoadedImage
  ) throws -> (frames: [[Frame]], warnings: [SymbolicationWarning]) {
    var symbolicator = ElfSymbolicator(images: [image, image])
    let addresses = [
      CodeAddress(address: 0x1000, isReturnAddress: false, image: 0),
      CodeAddress(address: 0x1010, isReturnAddress: true, image: 1),
    ]
    let frames = symbolicator.frames(for: addresses)
    #expect(symbolicator.frames(for: addresses) == frames)
    return (frames, symbolicator.warnings)
  }
}
