// SPDX-License-Identifier: Apache-2.0
//
// Files that were tampered with: names may be missing, but nothing crashes, hangs or grows.

import Foundation
import Testing

@testable import Symbolication

struct DamagedFileTests {
  /// What to overwrite: sections by the beginning of their names, or everything.
  static let targets = [
    "headers", "", ".debug_info", ".debug_abbrev", ".debug_line", ".debug_str", ".debug_rnglists",
    ".debug_aranges", ".symtab", ".strtab", ".dyn", ".note",
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
    for seed in 0..<40 {
      var generator = Seeded(state: UInt64(seed))
      var bytes = original
      for _ in 0...Int.random(in: 0..<30, using: &generator) {
        let place = place(in: sections, target: target, of: original, using: &generator)
        bytes[place] =
          [0, 0xff, bytes[place] ^ 1, .random(in: 0...255, using: &generator)]
          .randomElement(using: &generator) ?? 0
      }
      if seed % 16 == 15 { bytes.removeLast(.random(in: 0..<bytes.count, using: &generator)) }
      try Data(bytes).write(to: URL(fileURLWithPath: fixture.path))
      var symbolicator = ElfSymbolicator(images: [image])
      let start = ContinuousClock.now
      let frames = symbolicator.frames(for: addresses)
      #expect(ContinuousClock.now - start < .seconds(30), "seed \(seed)")
      #expect(frames.count == addresses.count)
      #expect(frames.allSatisfy { !$0.isEmpty && $0.count < 600 })
      #expect(Set(symbolicator.warnings).count == symbolicator.warnings.count)
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
    guard case .damagedDebugInformation(fixture.path, _) = symbolicator.warnings.first else {
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
        == [.damagedDebugInformation(path: fixture.path, reason: "lines of a unit")])
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
        == [.damagedDebugInformation(path: fixture.path, reason: "functions of a unit")])
  }

  private func place(
    in sections: ElfSections, target: String, of bytes: [UInt8],
    using generator: inout Seeded
  ) -> Int {
    if target == "headers" {
      let table = bytes[40..<48].reversed().reduce(0) { $0 << 8 | Int($1) }
      let isFileHeader = Bool.random(using: &generator)
      return isFileHeader
        ? .random(in: 0..<64, using: &generator)
        : .random(in: table..<bytes.count, using: &generator)
    }
    let hit = sections.sections.filter { $0.name.hasPrefix(target) && !$0.bytes.isEmpty }
    guard let section = hit.randomElement(using: &generator) else { return 0 }
    return .random(in: section.bytes, using: &generator)
  }
}
