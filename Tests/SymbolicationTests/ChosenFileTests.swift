// SPDX-License-Identifier: Apache-2.0
//
// Which file an image's names come from, when files have moved, gone or changed.

import Foundation
import Testing

@testable import Symbolication

struct ChosenFileTests {
  private static let noBuildID = ["-Wl,--build-id=none"]

  @Test func aFileThatWasPrelinkedSinceStillFitsItsImage() throws {
    let flags = ["-shared", "-fPIC", "-Wl,--build-id=0x00112233445566778899aabbccddeeff00112233"]
    let before = try Fixture("assembly.c", compiler: "cc", flags: flags)
    let after = try Fixture(
      "assembly.c", compiler: "cc", flags: flags + ["-Wl,-Ttext-segment=0x10000000"])
    let recorded = try before.image(loadBias: 0x7f12_0000_0000)
    let address = try #require(try symbolAddresses(of: before)["sized"])
    #expect(try symbolAddresses(of: after)["sized"] == address + 0x1000_0000)
    try replace(before.path, with: after.path)
    let (frames, warnings) = name(recorded.loadBias + address, in: recorded)
    #expect(frames.map(\.function) == ["sized"])
    #expect(frames[0].imageOffset == address)
    #expect(warnings.isEmpty)
  }

  @Test func anImageWithANonZeroBaseIsNamed() throws {
    let fixture = try Fixture(
      "assembly.c", compiler: "cc",
      flags: ["-shared", "-fPIC", "-Wl,-Ttext-segment=0x10000000"])
    let image = try fixture.image(loadBias: 0x2000)
    #expect(image.start == 0x1000_2000)
    let address = try #require(try symbolAddresses(of: fixture)["outer"])
    #expect(name(0x2000 + address, in: image).frames.map(\.function) == ["outer"])
  }

  @Test func aFileWithoutABuildIDThatChangedSinceIsUsedWithAWarning() throws {
    let fixture = try Fixture("assembly.c", compiler: "cc", flags: Self.noBuildID)
    let address = try #require(try symbolAddresses(of: fixture)["sized"])
    let changed = try #require(FileIdentity(ofFile: fixture.path)).changedNanoseconds
    for (recorded, expected) in [
      (changed + 1, []), (changed - 1, [SymbolicationWarning.unverifiedFile(path: fixture.path)]),
    ] {
      let image = try Fixture.image(
        ofFile: fixture.path, at: fixture.path, loadBias: 0, recordedNanoseconds: UInt64(recorded))
      let (frames, warnings) = name(address, in: image)
      #expect(frames.map(\.function) == ["sized"])
      #expect(warnings == expected)
    }
  }

  @Test func aFileWithABuildIDNeedsNoTime() throws {
    let fixture = try Fixture("assembly.c", compiler: "cc", flags: ["-Wl,--build-id=sha1"])
    let image = try Fixture.image(
      ofFile: fixture.path, at: fixture.path, loadBias: 0, recordedNanoseconds: 1)
    #expect(name(image.start, in: image).warnings.isEmpty)
  }

  @Test func aFileWithoutABuildIDOfAnotherSizeInMemoryIsNotUsed() throws {
    let fixture = try Fixture("assembly.c", compiler: "cc", flags: Self.noBuildID)
    let other = try Fixture("calls.cpp", compiler: "c++", flags: Self.noBuildID + ["-static"])
    let recorded = try fixture.image()
    try replace(fixture.path, with: other.path)
    let (frames, warnings) = name(recorded.start + 0x1000, in: recorded)
    #expect(frames.map(\.function) == [nil])
    #expect(warnings == [.replacedFile(path: fixture.path)])
  }

  @Test func aProgramThatWasDeletedAndCameBackIsUsedIfItIsTheSame() throws {
    let fixture = try Fixture("assembly.c", compiler: "cc", flags: ["-Wl,--build-id=sha1"])
    let address = try #require(try symbolAddresses(of: fixture)["sized"])
    let gone = fixture.path + " (deleted)"
    let image = try Fixture.image(ofFile: fixture.path, at: gone, loadBias: 0)
    #expect(name(address, in: image).frames.map(\.function) == ["sized"])
    let other = try Fixture("assembly.c", compiler: "cc", flags: ["-O3", "-Wl,--build-id=md5"])
    try replace(fixture.path, with: other.path)
    let (frames, warnings) = name(address, in: image)
    #expect(frames.map(\.function) == [nil])
    #expect(warnings == [.replacedFile(path: gone)])
    try FileManager.default.removeItem(atPath: fixture.path)
    #expect(name(address, in: image).warnings == [.missingFile(path: gone)])
  }

  @Test func aSymbolicLinkBelowASysrootStaysBelowIt() throws {
    let fixture = try Fixture("assembly.c", compiler: "cc", flags: ["-Wl,--build-id=sha1"])
    let address = try #require(try symbolAddresses(of: fixture)["sized"])
    let root = fixture.folder.path + "/root"
    let image = try Fixture.image(ofFile: fixture.path, at: "/opt/link", loadBias: 0)
    try FileManager.default.moveItem(
      atPath: fixture.path, toPath: fixture.folder.path(of: "root/opt/versions/program"))
    for target in ["/opt/versions/program", "versions/program", "../../../opt/versions/program"] {
      try? FileManager.default.removeItem(atPath: root + "/opt/link")
      try FileManager.default.createSymbolicLink(
        atPath: root + "/opt/link", withDestinationPath: target)
      let (frames, warnings) = name(address, in: image, sysroot: root)
      #expect(frames.map(\.function) == ["sized"], "\(target)")
      #expect(warnings.isEmpty)
    }
  }

  @Test func nothingIsFoundBelowASysrootThatIsNotThere() throws {
    let fixture = try Fixture("assembly.c", compiler: "cc", flags: ["-Wl,--build-id=sha1"])
    let image = try fixture.image()
    let (_, warnings) = name(image.start, in: image, sysroot: fixture.folder.path + "/none")
    #expect(warnings == [.missingFile(path: fixture.path)])
  }

  @Test func theKernelsCodeIsNamedWhereItIsTheSameKernels() throws {
    let descriptor = try #require(KernelCode.openCopy())
    let copy = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    try copy.seek(toOffset: 0)
    let folder = try TemporaryFolder()
    let path = folder.path(of: "vdso")
    try (copy.readToEnd() ?? Data()).write(to: URL(fileURLWithPath: path))
    let nm = try #require(Tool("nm"))
    let symbol = try #require(
      try nm.run(["-D", path]).split(separator: "\n").first {
        $0.hasSuffix("__vdso_getcpu") || $0.contains("__vdso_getcpu@")
      })
    let offset = try #require(UInt64(symbol.prefix { $0 != " " }, radix: 16))
    for place in ["linux-vdso.so.1", "[vdso]"] {
      let image = try Fixture.image(ofFile: path, at: place, loadBias: 0x7ffc_0000_0000)
      let (frames, warnings) = name(image.loadBias + offset, in: image)
      #expect(frames[0].function?.contains("getcpu") == true)
      #expect(frames[0].image == place)
      #expect(warnings.isEmpty)
    }
  }

  private func replace(_ path: String, with other: String) throws {
    try FileManager.default.removeItem(atPath: path)
    try FileManager.default.copyItem(atPath: other, toPath: path)
  }

  private func name(
    _ address: UInt64, in image: LoadedImage, sysroot: String? = nil
  ) -> (frames: [Frame], warnings: [SymbolicationWarning]) {
    var symbolicator = ElfSymbolicator(images: [image], sysroot: sysroot)
    let frames = symbolicator.frames(for: [
      CodeAddress(address: address, isReturnAddress: false, image: 0)
    ])
    return (frames[0], symbolicator.warnings)
  }
}

extension FileIdentity {
  fileprivate init?(ofFile path: String) {
    guard let file = FileHandle(forReadingAtPath: path) else { return nil }
    self.init(descriptor: file.fileDescriptor)
  }
}
