// SPDX-License-Identifier: Apache-2.0
//
// Fixtures that know which address lies on which line, and what was inlined there, built in the
// ways that debug information comes in.

import Testing

@testable import Symbolication

struct ElfSymbolicatorTests {
  /// A way to build a fixture whose debug information stays whole.
  struct Build: CustomTestStringConvertible, Sendable {
    let compiler: String
    let flags: [String]

    init(_ flags: String, compiler: String = "c++") {
      self.compiler = compiler
      self.flags = flags.split(separator: " ").map(String.init)
    }

    var testDescription: String { ([compiler] + flags).joined(separator: " ") }

    static let all: [Build] =
      [
        Build("-O2 -g"), Build("-O2 -gdwarf-4"), Build("-O2 -gdwarf-5"), Build("-O3 -g"),
        Build("-O0 -g"), Build("-O2 -g -gz=zlib"), Build("-O2 -g -gz=zlib-gnu"),
        Build("-O2 -g -no-pie"), Build("-O2 -g -flto"), Build("-O2 -g -gsplit-dwarf"),
        Build("-O2 -g -ffunction-sections -Wl,--gc-sections"),
      ]
      + (Tool("clang++") == nil
        ? []
        : [
          Build("-O2 -gdwarf-4", compiler: "clang++"), Build("-O2 -gdwarf-5", compiler: "clang++"),
          Build("-O0 -g", compiler: "clang++"),
        ])
  }

  @Test(arguments: Build.all)
  func inlinedFunctionsAreFramesOfTheirOwn(build: Build) throws {
    let fixture = try Fixture("calls.cpp", compiler: build.compiler, flags: build.flags)
    let frames = try #require(try frames(of: fixture)["add"])
    #expect(
      frames.map(\.line) == (try ["in add", "in twice", "in lambda", "in ring"].map(fixture.line)))
    #expect(frames.map(\.isInlined) == [true, true, true, false])
    #expect(frames.allSatisfy { $0.file == Fixture.sourcePath("calls.cpp") })
    let functions = frames.map { $0.function ?? "" }
    #expect(functions[0] == "shop::Basket<int>::add(int)")
    #expect(functions[1].contains("twice"))
    #expect(functions[2].contains("operator()"))
    #expect(functions[3] == "shop::Till::ring(int)")
  }

  @Test(arguments: Build.all)
  func functionsWithoutALinkerNameInTheDebugInformationHaveTheirFullName(build: Build) throws {
    let fixture = try Fixture("calls.cpp", compiler: build.compiler, flags: build.flags)
    let frames = try frames(of: fixture)
    #expect(frames["hidden"]?.map(\.function) == ["shop::(anonymous namespace)::hidden(int)"])
    #expect(frames["hidden"]?.map(\.line) == [try fixture.line(of: "in hidden")])
    #expect(frames["exported"]?.map(\.function) == ["exported"])
    #expect(frames["exported"]?.map(\.line) == [try fixture.line(of: "in exported")])
  }

  @Test func linesMayBeReadInSeveralGoes() throws {
    let fixture = try Fixture("calls.cpp", compiler: "c++", flags: ["-O2", "-g"])
    let image = try fixture.image()
    let addresses = try ElfSections(ofFile: fixture.path).codeAddresses(count: 500)
    let file = try #require(try ElfFile.of(image, sysroot: nil))
    var opened = 0
    let reopening = {
      opened += 1
      return try? ElfFile.of(image, sysroot: nil)
    }
    var whole = ElfImageNames(file: file, reopening: reopening)
    let expected = whole.functions(at: addresses)
    #expect(opened == 1)
    var piecemeal = ElfImageNames(file: file, lineLimit: -1, reopening: reopening)
    #expect(piecemeal.functions(at: addresses) == expected)
    #expect(opened > 2)
  }

  @Test func aReturnAddressIsLookedUpInItsCall() throws {
    let fixture = try Fixture("assembly.c", compiler: "cc", flags: [])
    let image = try fixture.image(loadBias: 0x7f00_0000_0000)
    let symbols = try symbolAddresses(of: fixture)
    let end = try #require(symbols["sized"]) + 16 + image.loadBias
    var symbolicator = ElfSymbolicator(images: [image])
    let frames = symbolicator.frames(for: [
      CodeAddress(address: end, isReturnAddress: true, image: 0),
      CodeAddress(address: end, isReturnAddress: false, image: 0),
    ])
    #expect(frames[0].map(\.function) == ["sized"])
    #expect(frames[0][0].address == end)
    #expect(frames[0][0].imageOffset == end - image.loadBias)
    #expect(frames[1].map(\.function) == [nil])
  }

  @Test func anAddressOutsideEveryImageGivesOneFrameWithoutAName() {
    var symbolicator = ElfSymbolicator(images: [])
    let frames = symbolicator.frames(for: [
      CodeAddress(address: 42, isReturnAddress: true, image: nil),
      CodeAddress(address: 43, isReturnAddress: true, image: 7),
    ])
    #expect(frames == [[Frame(address: 42)], [Frame(address: 43)]])
  }

  @Test func theOrderOfTheAddressesIsKeptAndRepeatsAreAllowed() throws {
    let fixture = try Fixture("assembly.c", compiler: "cc", flags: [])
    let symbols = try symbolAddresses(of: fixture)
    let names = ["alias", "sized", "outer", "sized", "main"]
    // The same file, loaded twice.
    let images = [try fixture.image(), try fixture.image(loadBias: 0x1000_0000)]
    var symbolicator = ElfSymbolicator(images: images)
    let addresses = try names.enumerated().map { index, name in
      CodeAddress(
        address: try #require(symbols[name]) + images[index % 2].loadBias, isReturnAddress: false,
        image: index % 2)
    }
    let frames = symbolicator.frames(for: addresses)
    #expect(frames.map { $0.map(\.function) } == names.map { [$0] })
    #expect(zip(frames, addresses).allSatisfy { $0[0].address == $1.address })
    #expect(symbolicator.warnings.isEmpty)
  }

  @Test(.enabled(if: Tool("rustc") != nil), arguments: ["legacy", "v0"])
  func rustFunctionsHaveTheirPaths(mangling: String) throws {
    let version = mangling == "v0" ? ["-C", "symbol-mangling-version=v0"] : []
    let fixture = try Fixture("shop.rs", compiler: "rustc", flags: ["-g", "-O"] + version)
    let functions = try allFrames(of: fixture).filter { $0.file?.hasSuffix("shop.rs") == true }
    let names = Set(functions.compactMap(\.function))
    #expect(names.contains { $0.contains("shop::total") })
    #expect(names.contains { $0.contains("shop::Tea as ") && $0.hasSuffix("::price") })
    #expect(functions.contains { $0.function == "shop::shop::twice" && $0.isInlined })
  }

  /// Return addresses the fixture noted, as frames.
  private func frames(of fixture: Fixture) throws -> [String: [Frame]] {
    let noted = try fixture.notedAddresses().sorted { $0.key < $1.key }
    let loadBias = noted.first?.value.loadBias ?? 0
    var symbolicator = ElfSymbolicator(images: [try fixture.image(loadBias: loadBias)])
    let frames = symbolicator.frames(
      for: noted.map { CodeAddress(address: $0.value.address, isReturnAddress: true, image: 0) })
    #expect(symbolicator.warnings.isEmpty)
    return Dictionary(uniqueKeysWithValues: zip(noted.map(\.key), frames))
  }

  private func allFrames(of fixture: Fixture) throws -> [Frame] {
    var symbolicator = ElfSymbolicator(images: [try fixture.image()])
    let addresses = try ElfSections(ofFile: fixture.path).codeAddresses(count: 100_000)
    return symbolicator.frames(
      for: addresses.map { CodeAddress(address: $0, isReturnAddress: false, image: 0) }
    ).flatMap { $0 }
  }
}

/// Addresses of a fixture's symbols, as nm has them.
func symbolAddresses(of fixture: Fixture) throws -> [String: UInt64] {
  guard let nm = Tool("nm") else { throw Tool.Failure(description: "no nm") }
  var addresses: [String: UInt64] = [:]
  for line in try nm.run([fixture.path]).split(separator: "\n") {
    let words = line.split(separator: " ")
    if words.count == 3 { addresses[String(words[2])] = UInt64(words[0], radix: 16) }
  }
  return addresses
}
