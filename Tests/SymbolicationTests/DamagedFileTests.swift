// SPDX-License-Identifier: Apache-2.0
//
// Files that were tampered with: names may be missing, but nothing crashes, hangs or grows.

import Foundation
import Testing

@testable import Symbolication

struct DamagedFileTests {
  /// What to overwrite: sections by the beginning of their names, or everything.
  static let targets = [
    "headers", "", ".debug", ".debug_info", ".debug_abbrev", ".debug_line", ".debug_str",
    ".debug_rnglists", ".debug_aranges", ".symtab", ".strtab", ".dyn", ".rela", ".plt", ".note",
    ".shstrtab",
  ]

  @Test(arguments: targets)
  func aFewOverwrittenBytesOnlyCostNames(target: String) throws {
    let fixture = try Fixture("calls.cpp", compiler: "c++", flags: ["-O2", "-g"])
    let image = try fixture.image()
    let original = [UInt8](try Data(contentsOf: URL(fileURLWithPath: fixture.path)))
    let sections = ElfSections(original)
    let addresses = sections.codeAddresses(count: 300).map {
      CodeAddress(address: $0, isReturnAddress: true, image: 0)
    }
    for seed in 0..<150 {
      var generator = Seeded(state: UInt64(seed))
      let bytes = Mutation.mutated(original, target: target, using: &generator)
      try Data(bytes).write(to: URL(fileURLWithPath: fixture.path))
      var symbolicator = ElfSymbolicator(images: [image])
      let frames = symbolicator.frames(for: addresses)
      #expect(frames.count == addresses.count)
      #expect(frames.allSatisfy { !$0.isEmpty && $0.count < 600 })
      #expect(Set(symbolicator.warnings).count == symbolicator.warnings.count)
    }
  }

  /// A file with debug information of a program, beside it.
  enum Companion: CaseIterable {
    case split, separate, shared, symbols

    /// Takes the debug information out of a program; gives the file that holds it.
    func make(of fixture: Fixture) throws -> String {
      let folder = fixture.folder
      switch self {
      case .split:
        return folder.path(of: "program-calls.dwo")
      case .separate:
        let path = folder.path(of: "program.debug")
        try Tool("objcopy")?.run(["--only-keep-debug", fixture.path, path])
        try Tool("strip")?.run([fixture.path])
        try Tool("objcopy")?.run(["--add-gnu-debuglink=\(path)", fixture.path])
        return path
      case .shared:
        let path = folder.path(of: "shared")
        let copy = folder.path(of: "copy")
        try FileManager.default.copyItem(atPath: fixture.path, toPath: copy)
        try Tool("dwz")?.run(["-m", path, "-M", path, fixture.path, copy])
        return path
      case .symbols:
        let small = folder.path(of: "small")
        try Tool("objcopy")?.run(["-S", "--keep-symbol=exported", fixture.path, small])
        try Tool("xz")?.run([small])
        try Tool("strip")?.run([fixture.path])
        try Tool("objcopy")?.run(["--add-section", ".gnu_debugdata=\(small).xz", fixture.path])
        return fixture.path
      }
    }
  }

  @Test(
    .enabled(if: ["objcopy", "strip", "dwz", "xz"].allSatisfy { Tool($0) != nil }),
    arguments: Companion.allCases)
  func damageInAFileBesideOnlyCostsNames(companion: Companion) throws {
    let fixture = try Fixture(
      "calls.cpp", compiler: "c++",
      flags: ["-O2", "-g", "-Wl,--build-id=sha1"] + (companion == .split ? ["-gsplit-dwarf"] : []))
    let addresses = try ElfSections(ofFile: fixture.path).codeAddresses(count: 200).map {
      CodeAddress(address: $0, isReturnAddress: true, image: 0)
    }
    let path = try companion.make(of: fixture)
    let image = try fixture.image()
    let original = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
    let targets = companion == .symbols ? [".gnu_debugdata"] : [".debug", "headers", ".note"]
    for seed in 0..<150 {
      var generator = Seeded(state: UInt64(seed))
      let bytes = Mutation.mutated(
        original, target: targets[seed % targets.count], using: &generator)
      try Data(bytes).write(to: URL(fileURLWithPath: path))
      var symbolicator = ElfSymbolicator(images: [image])
      let frames = symbolicator.frames(for: addresses)
      #expect(frames.count == addresses.count)
      #expect(frames.allSatisfy { !$0.isEmpty && $0.count < 600 })
    }
  }

  @Test func debugInformationThatCannotBeReadIsWarnedOfAndSymbolsAreUsed() throws {
    let fixture = try Fixture("calls.cpp", compiler: "c++", flags: ["-O2", "-g", "-no-pie"])
    let address = try #require(try symbolAddresses(of: fixture)["exported"])
    var bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: fixture.path)))
    let section = try #require(ElfSections(bytes)[".debug_info"])
    for index in section.bytes { bytes[index] = 0xff }
    try Data(bytes).write(to: URL(fileURLWithPath: fixture.path))
    var symbolicator = ElfSymbolicator(images: [try fixture.image()])
    let frames = symbolicator.frames(for: [
      CodeAddress(address: address, isReturnAddress: false, image: 0)
    ])
    #expect(frames[0].map(\.function) == ["exported"])
    #expect(symbolicator.warnings.count == 1)
    guard case .debugInformation(fixture.path, .damaged) = symbolicator.warnings.first else {
      Issue.record("\(symbolicator.warnings)")
      return
    }
  }

  @Test func aLineTableThatCannotBeReadIsWarnedOf() throws {
    let fixture = try Fixture("calls.cpp", compiler: "c++", flags: ["-O2", "-g", "-no-pie"])
    let address = try #require(try symbolAddresses(of: fixture)["exported"])
    var bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: fixture.path)))
    let section = try #require(ElfSections(bytes)[".debug_line"])
    for index in section.bytes { bytes[index] = 0x77 }
    try Data(bytes).write(to: URL(fileURLWithPath: fixture.path))
    var symbolicator = ElfSymbolicator(images: [try fixture.image()])
    let frames = symbolicator.frames(for: [
      CodeAddress(address: address, isReturnAddress: false, image: 0)
    ])
    #expect(frames[0].map(\.function) == ["exported"])
    #expect(frames[0].map(\.line) == [nil])
    #expect(
      symbolicator.warnings
        == [.debugInformation(path: fixture.path, .damaged(reason: "lines of a unit"))])
  }

  @Test func entriesThatLeadInACircleAreNotFollowed() throws {
    let fixture = try Fixture("circle.c", compiler: "cc", flags: [])
    let address = try #require(try symbolAddresses(of: fixture)["covered"])
    var symbolicator = ElfSymbolicator(images: [try fixture.image()])
    let frames = symbolicator.frames(for: [
      CodeAddress(address: address, isReturnAddress: false, image: 0)
    ])
    #expect(frames[0].map(\.function) == ["covered"])
    #expect(
      symbolicator.warnings
        == [.debugInformation(path: fixture.path, .damaged(reason: "functions of a unit"))])
  }
}
