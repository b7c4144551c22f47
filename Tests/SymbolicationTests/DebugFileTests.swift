// SPDX-License-Identifier: Apache-2.0
//
// Stripped programs, and their debug information in files of its own.

import Foundation
import Testing

@testable import Symbolication

@Suite(.enabled(if: Tool("objcopy") != nil && Tool("strip") != nil))
struct DebugFileTests {
  private let chain = [
    "shop::Basket<int>::add(int)", "twice", "operator()", "shop::Till::ring(int)",
  ]

  @Test func aDebugFileIsFoundBesideTheProgramByItsLink() throws {
    let fixture = try fixture(flags: ["-Wl,--build-id=none"])
    try separate(fixture, into: fixture.folder.path(of: "program.debug"))
    try expectWholeChain(fixture)
  }

  @Test func aDebugFileIsFoundInTheHiddenFolderByItsLink() throws {
    let fixture = try fixture(flags: [])
    try separate(fixture, into: fixture.folder.path(of: ".debug/program.debug"))
    try expectWholeChain(fixture)
  }

  @Test func aDebugFileOfAnotherProgramIsNotUsed() throws {
    let fixture = try fixture(flags: ["-Wl,--build-id=none"])
    let other = try build(flags: ["-Wl,--build-id=none", "-DOTHER=1", "-O1"])
    let debugFile = fixture.folder.path(of: "program.debug")
    try separate(fixture, into: debugFile)
    try FileManager.default.removeItem(atPath: debugFile)
    try Tool.objcopy.run(["--only-keep-debug", other.path, debugFile])
    #expect(try frames(fixture).map(\.line) == [nil])
  }

  @Test func aDebugFileBelowASysrootIsFoundByBuildID() throws {
    let fixture = try fixture(flags: ["-Wl,--build-id=sha1"])
    let id = try ElfSections(ofFile: fixture.path).buildID.map { String(format: "%02x", $0) }
    let folder = fixture.folder.path + "/root/usr/lib/debug/.build-id/\(id[0])"
    try install(fixture, asRootPath: "/opt/program")
    try separate(
      fixture, into: fixture.folder.path(of: "root/x.debug"), linking: false)
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    try FileManager.default.moveItem(
      atPath: fixture.folder.path(of: "root/x.debug"),
      toPath: "\(folder)/\(id.dropFirst().joined()).debug")
    try expectWholeChain(fixture, path: "/opt/program", sysroot: fixture.folder.path + "/root")
  }

  @Test func aDebugFileBelowASysrootIsFoundByItsLink() throws {
    let fixture = try fixture(flags: ["-Wl,--build-id=none"])
    let root = fixture.folder.path + "/root"
    try separate(
      fixture, into: fixture.folder.path(of: "root/usr/lib/debug/opt/program.debug"))
    try install(fixture, asRootPath: "/opt/program")
    try expectWholeChain(fixture, path: "/opt/program", sysroot: root)
  }

  @Test func theDebugFileAloneIsEnoughWhenTheProgramIsGone() throws {
    let fixture = try fixture(flags: ["-Wl,--build-id=sha1"])
    let image = try fixture.image()
    let noted = try #require(try fixture.notedAddresses()["add"])
    let id = image.buildID.map { String(format: "%02x", $0) }
    let root = fixture.folder.path + "/root"
    let debugFile = fixture.folder.path(
      of: "root/usr/lib/debug/.build-id/\(id[0])/\(id.dropFirst().joined()).debug")
    try Tool.objcopy.run(["--only-keep-debug", fixture.path, debugFile])
    try FileManager.default.removeItem(atPath: fixture.path)
    var symbolicator = ElfSymbolicator(images: [image], sysroot: root)
    let frames = symbolicator.frames(for: [
      CodeAddress(address: noted.address - noted.loadBias, isReturnAddress: true, image: 0)
    ])
    #expect(frames[0].map(\.line) == (try expectedLines(fixture)))
    #expect(symbolicator.warnings.isEmpty)
  }

  @Test(.enabled(if: Tool("dwz") != nil))
  func debugInformationSharedByDwzIsRead() throws {
    let fixture = try fixture(flags: ["-Wl,--build-id=sha1"])
    let copy = fixture.folder.path(of: "copy")
    try FileManager.default.copyItem(atPath: fixture.path, toPath: copy)
    let shared = fixture.folder.path(of: "shared.dwz")
    guard let dwz = Tool("dwz") else { return }
    try dwz.run(["-m", shared, "-M", shared, fixture.path, copy])
    #expect(FileManager.default.fileExists(atPath: shared))
    try expectWholeChain(fixture)
  }

  @Test(.enabled(if: Tool("dwz") != nil))
  func whatIsSharedByDwzAndMissingIsWarnedOf() throws {
    let fixture = try fixture(flags: ["-Wl,--build-id=sha1"])
    let copy = fixture.folder.path(of: "copy")
    try FileManager.default.copyItem(atPath: fixture.path, toPath: copy)
    let shared = fixture.folder.path(of: "shared.dwz")
    guard let dwz = Tool("dwz") else { return }
    try dwz.run(["-m", shared, "-M", shared, fixture.path, copy])
    let warning = SymbolicationWarning.debugInformation(
      path: fixture.path, .missingSharedFile(shared))
    // One of another pair of programs, in its place.
    let other = try build(flags: ["-Wl,--build-id=sha1", "-DOTHER=1", "-O1"])
    try FileManager.default.copyItem(
      atPath: other.path, toPath: other.folder.path(of: "copy"))
    let another = other.folder.path(of: "shared.dwz")
    try dwz.run(["-m", another, "-M", another, other.path, other.folder.path(of: "copy")])
    try FileManager.default.removeItem(atPath: shared)
    try FileManager.default.copyItem(atPath: another, toPath: shared)
    #expect(try frames(fixture, warnings: [warning]).last?.function == "shop::Till::ring(int)")
    try FileManager.default.removeItem(atPath: shared)
    #expect(try frames(fixture, warnings: [warning]).last?.function == "shop::Till::ring(int)")
  }

  @Test func aSplitFileThatIsMissingIsWarnedOfAndLinesAreKept() throws {
    let fixture = try fixture(flags: ["-gsplit-dwarf"])
    let split = fixture.folder.path(of: "program-calls.dwo")
    try FileManager.default.removeItem(atPath: split)
    let frames = try frames(
      fixture,
      warnings: [.debugInformation(path: fixture.path, .missingSplitFile(split))])
    #expect(frames.map(\.function) == ["shop::Till::ring(int)"])
    #expect(frames.map(\.line) == [try fixture.line(of: "in add")])
  }

  @Test func aSplitFileOfAnotherBuildIsNotUsed() throws {
    let fixture = try fixture(flags: ["-gsplit-dwarf"])
    let other = try build(flags: ["-gsplit-dwarf", "-DOTHER=1", "-O1"])
    let split = fixture.folder.path(of: "program-calls.dwo")
    try FileManager.default.removeItem(atPath: split)
    try FileManager.default.copyItem(
      atPath: other.folder.path(of: "program-calls.dwo"), toPath: split)
    let frames = try frames(
      fixture,
      warnings: [.debugInformation(path: fixture.path, .missingSplitFile(split))])
    #expect(frames.map(\.function) == ["shop::Till::ring(int)"])
  }

  /// Read by elfutils from 0.189 on, if it was built for it.
  @Test func sectionsCompressedWithZstdAreReadOrWarnedOf() throws {
    let fixture = try fixture(flags: ["-Wl,--build-id=sha1"])
    let plain = try frames(fixture)
    do {
      try Tool.objcopy.run(["--compress-debug-sections=zstd", fixture.path])
    } catch {
      return  // A binutils without zstd.
    }
    var symbolicator = ElfSymbolicator(images: [try fixture.image()])
    let noted = try #require(try fixture.notedAddresses()["add"])
    let frames = symbolicator.frames(for: [
      CodeAddress(address: noted.address - noted.loadBias, isReturnAddress: true, image: 0)
    ])[0]
    if symbolicator.warnings.isEmpty {
      #expect(frames.map(\.line) == plain.map(\.line))
    } else {
      guard
        case .debugInformation(fixture.path, .unknownCompression(_, "zstd")) =
          symbolicator.warnings[0]
      else {
        Issue.record("\(symbolicator.warnings)")
        return
      }
      #expect(symbolicator.warnings.count == 1)
      #expect(frames.map(\.function) == ["shop::Till::ring(int)"])
    }
  }

  @Test func aDebugFileOfAnotherBuildInTheRightPlaceIsNotUsed() throws {
    let fixture = try fixture(flags: ["-Wl,--build-id=sha1"])
    let other = try build(flags: ["-Wl,--build-id=sha1", "-DOTHER=1", "-O1"])
    let id = try ElfSections(ofFile: fixture.path).buildID.map { String(format: "%02x", $0) }
    let root = fixture.folder.path + "/root"
    try Tool.objcopy.run([
      "--only-keep-debug", other.path,
      fixture.folder.path(
        of: "root/usr/lib/debug/.build-id/\(id[0])/\(id.dropFirst().joined()).debug"),
    ])
    try Tool.strip.run([fixture.path])
    try install(fixture, asRootPath: "/opt/program")
    let frames = try frames(fixture, path: "/opt/program", sysroot: root)
    #expect(frames.map(\.function) == [nil])
  }

  @Test func aProgramWithoutDebugInformationHasItsSymbols() throws {
    let fixture = try fixture(flags: ["-g0"])
    let frames = try frames(fixture)
    #expect(frames.map(\.function) == ["shop::Till::ring(int)"])
    #expect(frames.map(\.line) == [nil])
  }

  @Test func aStrippedProgramHasItsDynamicSymbols() throws {
    let fixture = try fixture(flags: ["-rdynamic"])
    try Tool.strip.run([fixture.path])
    #expect(try frames(fixture, note: "exported").map(\.function) == ["exported"])
    #expect(try frames(fixture, note: "hidden").map(\.function) == [nil])
  }

  @Test func aProgramStrippedWhollyHasOnlyItsImageAndOffset() throws {
    let fixture = try fixture(flags: [])
    let noted = try #require(try fixture.notedAddresses()["exported"])
    try Tool.strip.run([fixture.path])
    let frames = try frames(fixture, note: "exported")
    #expect(frames.map(\.function) == [nil])
    #expect(frames.map(\.image) == [fixture.path])
    #expect(noted.loadBias > 0)
    #expect(frames.map(\.imageOffset) == [frames[0].address - 0x5000_0000])
  }

  @Test(.enabled(if: Tool("xz") != nil && Tool("nm") != nil))
  func symbolsCompressedInTheProgramAreFound() throws {
    guard let xz = Tool("xz") else { return }
    let fixture = try fixture(flags: [])
    let small = fixture.folder.path(of: "mini")
    try Tool.objcopy.run([
      "-S", "--remove-section", ".comment", "--keep-symbol=exported",
      "--keep-symbol=_ZN4shop4Till4ringEi", fixture.path, small,
    ])
    try xz.run(["--force", small])
    try Tool.strip.run([fixture.path])
    #expect(try frames(fixture, note: "exported").map(\.function) == [nil])
    try Tool.objcopy.run(["--add-section", ".gnu_debugdata=\(small).xz", fixture.path])
    #expect(try frames(fixture, note: "exported").map(\.function) == ["exported"])
    #expect(try frames(fixture).map(\.function) == ["shop::Till::ring(int)"])
  }

  // MARK: -

  private func fixture(flags: [String]) throws -> Fixture { try build(flags: flags) }

  private func build(flags: [String]) throws -> Fixture {
    try Fixture("calls.cpp", compiler: "c++", flags: ["-O2", "-g"] + flags)
  }

  /// Moves the debug information into a file, and leaves a link to it when asked to.
  private func separate(_ fixture: Fixture, into debugFile: String, linking: Bool = true) throws {
    try Tool.objcopy.run(["--only-keep-debug", fixture.path, debugFile])
    try Tool.strip.run([fixture.path])
    if linking { try Tool.objcopy.run(["--add-gnu-debuglink=\(debugFile)", fixture.path]) }
  }

  /// Copies the program as it is now to its place below the folder's `root`.
  private func install(_ fixture: Fixture, asRootPath path: String) throws {
    try FileManager.default.copyItem(
      atPath: fixture.path, toPath: fixture.folder.path(of: "root" + path))
  }

  private func expectedLines(_ fixture: Fixture) throws -> [Int?] {
    try ["in add", "in twice", "in lambda", "in ring"].map(fixture.line)
  }

  private func expectWholeChain(
    _ fixture: Fixture, path: String? = nil, sysroot: String? = nil
  ) throws {
    let frames = try frames(fixture, path: path, sysroot: sysroot)
    #expect(frames.map(\.line) == (try expectedLines(fixture)))
    #expect(frames.map(\.isInlined) == [true, true, true, false])
    for (frame, name) in zip(frames, chain) {
      #expect(frame.function?.contains(name) == true)
    }
  }

  /// The frames at a noted address, of the program as it is now.
  private func frames(
    _ fixture: Fixture, note: String = "add", path: String? = nil, sysroot: String? = nil,
    warnings: [SymbolicationWarning] = []
  ) throws -> [Frame] {
    let noted = try #require(try fixture.notedAddresses()[note])
    let loadBias: UInt64 = 0x5000_0000
    let image = try Fixture.image(
      ofFile: fixture.path, at: path ?? fixture.path, loadBias: loadBias)
    var symbolicator = ElfSymbolicator(images: [image], sysroot: sysroot)
    let frames = symbolicator.frames(for: [
      CodeAddress(
        address: noted.address - noted.loadBias + loadBias, isReturnAddress: true, image: 0)
    ])
    #expect(symbolicator.warnings == warnings)
    return frames[0]
  }
}

extension Tool {
  fileprivate static var objcopy: Tool {
    get throws { try required("objcopy") }
  }
  fileprivate static var strip: Tool {
    get throws { try required("strip") }
  }

  private static func required(_ name: String) throws -> Tool {
    guard let tool = Tool(name) else { throw Failure(description: "no \(name)") }
    return tool
  }
}
