// SPDX-License-Identifier: Apache-2.0
//
// The same addresses, asked of us and of other tools: fixtures byte by byte, the system's own large
// files and programs full of inlined code by sample.

import Foundation
import Testing

@testable import Symbolication

struct ReferenceToolTests {
  @Test(
    .enabled(if: Witness.llvm.isInstalled),
    arguments: ["-O2 -g", "-O2 -gdwarf-4", "-O3 -g", "-O0 -g", "-O2 -g -flto", "-O2 -g -gz"])
  func fixturesReadAsLLVMSymbolizerReadsThem(flags: String) throws {
    try expectEverythingEqual(flags, .llvm)
  }

  @Test(
    .enabled(if: Witness.elfutils.isInstalled),
    arguments: ["-O2 -g", "-O2 -gdwarf-4", "-O0 -g"])
  func fixturesReadAsElfutilsReadsThem(flags: String) throws {
    try expectEverythingEqual(flags, .elfutils)
  }

  /// A file, and who can judge it.
  ///
  /// elfutils 0.188 finds units by .debug_aranges, which clang, rustc and swiftc leave out, and
  /// loses callers of some lambdas; LLVM 14 takes aliases of glibc's functions.
  struct Subject: CustomTestStringConvertible {
    let path: String
    var compiler: (name: String, flags: [String])?
    let witnesses: [Witness]

    var testDescription: String { "\(compiler?.name ?? "") \(path)" }

    var isAvailable: Bool {
      witnesses.contains(where: \.isInstalled)
        && (compiler.map { Tool($0.name) != nil }
          ?? FileManager.default.fileExists(atPath: path))
    }

    static let all: [Subject] = [
      Subject(path: "/usr/bin/node", witnesses: [.elfutils]),
      Subject(path: "/usr/lib/x86_64-linux-gnu/libstdc++.so.6", witnesses: [.elfutils]),
      Subject(path: "/lib/x86_64-linux-gnu/libc.so.6", witnesses: [.elfutils]),
      Subject(path: "templates.cpp", compiler: ("c++", ["-O2", "-g"]), witnesses: [.llvm]),
      Subject(path: "templates.cpp", compiler: ("clang++", ["-O2", "-g"]), witnesses: [.llvm]),
      Subject(path: "shop.rs", compiler: ("rustc", ["-O", "-g"]), witnesses: [.llvm]),
      Subject(
        path: "shop.swift", compiler: ("swiftc", ["-O", "-g", "-static-stdlib"]),
        witnesses: [.elfutils, .llvm]),
    ].filter(\.isAvailable)
  }

  @Test(arguments: Subject.all)
  func thousandsOfAddressesReadAsOthersReadThem(subject: Subject) throws {
    let fixture = try subject.compiler.map {
      try Fixture(subject.path, compiler: $0.name, flags: $0.flags)
    }
    let path = fixture?.path ?? subject.path
    let addresses = try sample(ofFile: path, count: 1500)
    let ours = try ours(path, addresses)
    for witness in subject.witnesses where witness.isInstalled {
      let theirs = try witness.frames(path, addresses)
      let different = addresses.filter { address in
        let expected = theirs[address].flatMap { $0.isEmpty ? nil : $0 }
        return !agree(
          ours[address] ?? [],
          expected ?? [WitnessedFrame(function: "", file: "", line: 0)])
      }
      #expect(different.count <= addresses.count / 100, "\(witness)")
      guard !different.isEmpty else { continue }
      let tables = try tables(ofFile: path)
      // The rest is data that stands among the code, which they take for functions.
      let unexplained = different.filter { address in
        !(tables.contains { $0.contains(address) } && ours[address]?.map(\.function) == [""])
      }
      let examples = unexplained.prefix(3).map {
        "\(String($0, radix: 16)): \(ours[$0] ?? []), not \(theirs[$0] ?? [])"
      }
      #expect(unexplained.count <= addresses.count / 1000, "\(witness): \(examples)")
    }
  }

  // MARK: -

  private func expectEverythingEqual(_ flags: String, _ witness: Witness) throws {
    let fixture = try Fixture(
      "calls.cpp", compiler: "c++", flags: flags.split(separator: " ").map(String.init))
    let addresses = try ElfSections(ofFile: fixture.path).codeAddresses(count: 100_000)
    // Nothing but the linker's start-up code may differ, for which LLVM names a file.
    let ours = try ours(fixture.path, addresses).filter { $0.value.contains { $0.line > 0 } }
    #expect(ours.count > 100)
    let theirs = try witness.frames(fixture.path, addresses)
    let different = ours.keys.sorted().filter { !agree(ours[$0] ?? [], theirs[$0] ?? []) }
    let examples = different.prefix(3).map {
      "\(String($0, radix: 16)): \(ours[$0] ?? []), not \(theirs[$0] ?? [])"
    }
    #expect(examples.isEmpty)
  }

  private func agree(_ ours: [WitnessedFrame], _ theirs: [WitnessedFrame]) -> Bool {
    ours.count == theirs.count && zip(ours, theirs).allSatisfy { $0.agrees(with: $1) }
  }

  private func ours(
    _ path: String, _ addresses: [UInt64]
  ) throws -> [UInt64: [WitnessedFrame]] {
    var symbolicator = ElfSymbolicator(images: [try Fixture.image(ofFile: path)])
    let frames = symbolicator.frames(
      for: addresses.map { CodeAddress(address: $0, isReturnAddress: false, image: 0) })
    #expect(symbolicator.warnings.isEmpty)
    return Dictionary(
      uniqueKeysWithValues: zip(addresses, frames.map { $0.map(WitnessedFrame.init) }))
  }

  /// Addresses anywhere in the code, the same in every run.
  private func sample(ofFile path: String, count: Int) throws -> [UInt64] {
    let text = try #require(try ElfSections(ofFile: path)[".text"])
    var generator = Seeded(state: 42)
    let offsets = (0..<count).map { _ in
      UInt64.random(in: 0..<UInt64(text.byteCount), using: &generator)
    }
    return Set(offsets).map { text.address + $0 }.sorted()
  }

  /// Where symbols of data are.
  private func tables(ofFile path: String) throws -> [Range<UInt64>] {
    guard let readelf = Tool("readelf") else { return [] }
    // number: address size type ...
    return try readelf.run(["-sW", path]).split(separator: "\n").compactMap { line in
      let words = line.split(separator: " ")
      guard words.count > 4, words[3] == "OBJECT", let address = UInt64(words[1], radix: 16)
      else { return nil }
      let byteCount =
        words[2].hasPrefix("0x") ? UInt64(words[2].dropFirst(2), radix: 16) : UInt64(words[2])
      return address..<(address &+ (byteCount ?? 0))
    }
  }
}
