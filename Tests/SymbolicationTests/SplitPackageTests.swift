// SPDX-License-Identifier: Apache-2.0
//
// Debug information of many units in one package (.dwp): it reads as the .dwo files it was made of.

import Foundation
import Testing

@testable import Symbolication

struct SplitPackageTests {
  /// A compiler, and a packager that can read what it writes: GNU's dwp knows no DWARF 5, and
  /// LLVM's knows none of GCC's.
  struct Build: CustomTestStringConvertible, Sendable {
    let compiler: String
    let flags: String
    let packager: String

    var testDescription: String { "\(compiler) \(flags) \(packager)" }

    static let all = [
      Build(compiler: "c++", flags: "-O2 -gdwarf-4", packager: "dwp"),
      Build(compiler: "c++", flags: "-O0 -gdwarf-4", packager: "dwp"),
      Build(compiler: "c++", flags: "-O2 -gdwarf-4 -ffunction-sections -no-pie", packager: "dwp"),
      Build(compiler: "clang++", flags: "-O2 -gdwarf-4", packager: "dwp"),
      Build(compiler: "clang++", flags: "-O2 -gdwarf-5", packager: "llvm-dwp"),
      Build(compiler: "clang++", flags: "-O2 -gdwarf-5 -ffunction-sections", packager: "llvm-dwp"),
      Build(compiler: "clang++", flags: "-O0 -gdwarf-5", packager: "llvm-dwp"),
    ].filter { Tool($0.compiler) != nil && Tool($0.packager) != nil }
  }

  @Test(arguments: Build.all)
  func aPackageReadsAsTheFilesItWasMadeOf(build: Build) throws {
    let fixture = try fixture(build)
    let addresses = try ElfSections(ofFile: fixture.path).codeAddresses(count: 100_000)
    let (expected, _) = try frames(fixture, addresses)
    #expect(expected.contains { $0.count > 1 })
    #expect(expected.contains { $0.contains { $0.function?.contains("counted") == true } })
    try pack(fixture, build)
    let (packaged, warnings) = try frames(fixture, addresses)
    #expect(packaged == expected)
    #expect(warnings.isEmpty)
  }

  @Test(arguments: Build.all.prefix(1))
  func aPackageOfAnotherBuildHasNothingToGive(build: Build) throws {
    let fixture = try fixture(build)
    let other = try self.fixture(
      Build(compiler: build.compiler, flags: build.flags + " -O1", packager: build.packager))
    try pack(fixture, build)
    try pack(other, build)
    let path = fixture.path + ".dwp"
    try FileManager.default.removeItem(atPath: path)
    try FileManager.default.copyItem(atPath: other.path + ".dwp", toPath: path)
    let addresses = try ElfSections(ofFile: fixture.path).codeAddresses(count: 1000)
    let (frames, warnings) = try frames(fixture, addresses)
    #expect(frames.allSatisfy { $0.count == 1 })
    #expect(frames.contains { $0[0].line != nil })
    guard case .debugInformation(fixture.path, .missingSplitFile) = warnings.first else {
      Issue.record("\(warnings)")
      return
    }
  }

  /// An index, sizes and contents that are not what they should be.
  @Test(arguments: Build.all.filter { $0.flags.hasPrefix("-O2") })
  func aDamagedPackageOnlyCostsNames(build: Build) throws {
    let fixture = try fixture(build)
    try pack(fixture, build)
    let path = fixture.path + ".dwp"
    let original = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
    let addresses = try ElfSections(ofFile: fixture.path).codeAddresses(count: 100)
    for seed in 0..<200 {
      var generator = Seeded(state: UInt64(seed))
      let bytes = Mutation.mutated(
        original, target: seed % 3 == 0 ? ".debug_cu_index" : ".debug", using: &generator)
      try Data(bytes).write(to: URL(fileURLWithPath: path))
      let (frames, warnings) = try frames(fixture, addresses)
      #expect(frames.allSatisfy { !$0.isEmpty && $0.count < 600 })
      #expect(Set(warnings).count == warnings.count)
    }
  }

  private func fixture(_ build: Build) throws -> Fixture {
    try Fixture(
      "calls.cpp", compiler: build.compiler,
      flags: [Fixture.sourcePath("stock.cpp"), "-gsplit-dwarf"]
        + build.flags.split(separator: " ").map(String.init))
  }

  /// Puts the .dwo files of a program into a package.
  private func pack(_ fixture: Fixture, _ build: Build) throws {
    try Tool(build.packager)?.run(["-e", fixture.path, "-o", fixture.path + ".dwp"])
    let folder = fixture.folder.path
    let files = try FileManager.default.contentsOfDirectory(atPath: folder)
      .filter { $0.hasSuffix(".dwo") }
    #expect(files.count == 2)
    for file in files { try FileManager.default.removeItem(atPath: folder + "/" + file) }
  }

  private func frames(
    _ fixture: Fixture, _ addresses: [UInt64]
  ) throws -> (frames: [[Frame]], warnings: [SymbolicationWarning]) {
    var symbolicator = ElfSymbolicator(images: [try fixture.image()])
    let frames = symbolicator.frames(
      for: addresses.map { CodeAddress(address: $0, isReturnAddress: false, image: 0) })
    return (frames, symbolicator.warnings)
  }
}
