// SPDX-License-Identifier: Apache-2.0
//
// The linker's stubs have the names that objdump gives them.

import Foundation
import Testing

@testable import Symbolication

@Suite(.enabled(if: Tool("objdump") != nil)) struct LinkageStubsTests {
  static let builds =
    [
      ("cc", "-O2"), ("cc", "-O2 -Wl,-z,now"), ("cc", "-O2 -no-pie"),
      ("cc", "-O2 -fcf-protection=full -Wl,-z,ibtplt"), ("cc", "-O2 -g -Wl,-z,lazy"),
      ("cc", "-O2 -fuse-ld=gold"), ("clang", "-O2 -fuse-ld=lld"),
    ].filter { compiler, flags in
      Tool(compiler) != nil && (!flags.contains("=gold") || Tool("ld.gold") != nil)
        && (!flags.contains("=lld") || Tool("ld.lld") != nil)
    }

  @Test(arguments: builds)
  func aStubHasTheNameOfWhatItLeadsTo(compiler: String, flags: String) throws {
    let fixture = try Fixture(
      "linkage.c", compiler: compiler, flags: flags.split(separator: " ").map(String.init))
    let expected = try stubs(of: fixture)
    #expect(expected.values.contains("printf@plt"))
    #expect(expected.values.contains("strdup@plt"))
    let addresses = expected.keys.sorted()
    var symbolicator = ElfSymbolicator(images: [try fixture.image()])
    // Where the stub begins, and inside its jump.
    for offset: UInt64 in [0, 5] {
      let frames = symbolicator.frames(
        for: addresses.map {
          CodeAddress(address: $0 + offset, isReturnAddress: false, image: 0)
        })
      #expect(frames.map { $0.map(\.function) } == addresses.map { [expected[$0]] })
      #expect(frames.allSatisfy { $0[0].line == nil && !$0[0].isInlined })
    }
  }

  @Test func aStubOfAFunctionThatIsChosenAtRunTimeHasItsName() throws {
    let fixture = try Fixture("linkage.c", compiler: "cc", flags: ["-O2", "-g0"])
    let sections = try ElfSections(ofFile: fixture.path).sections
    let addresses = sections.filter { $0.name.hasPrefix(".plt") }.flatMap { section in
      stride(from: 0, to: UInt64(section.byteCount), by: 8).map { section.address + $0 }
    }
    var symbolicator = ElfSymbolicator(images: [try fixture.image()])
    let names = symbolicator.frames(
      for: addresses.map { CodeAddress(address: $0, isReturnAddress: false, image: 0) }
    ).map { $0[0].function }
    #expect(names.contains("chosen@plt"))
    let choose = try #require(try symbolAddresses(of: fixture)["choose"])
    let frames = symbolicator.frames(for: [
      CodeAddress(address: choose, isReturnAddress: false, image: 0)
    ])
    #expect(["choose", "chosen"].contains(frames[0][0].function))
  }

  /// Addresses of the stubs that objdump has names of, without those of functions chosen at run
  /// time, which it gives only an address.
  private func stubs(of fixture: Fixture) throws -> [UInt64: String] {
    guard let objdump = Tool("objdump") else { return [:] }
    let arguments = ["-d", "-j", ".plt", "-j", ".plt.sec", "-j", ".plt.got", fixture.path]
    var stubs: [UInt64: String] = [:]
    for line in try objdump.run(arguments, mayFail: true).split(separator: "\n") {
      // 0000000000001030 <printf@plt>:
      let words = line.split(separator: " ")
      guard words.count == 2, words[1].hasPrefix("<"), words[1].hasSuffix("@plt>:"),
        !words[1].hasPrefix("<*ABS*"), let address = UInt64(words[0], radix: 16)
      else { continue }
      stubs[address] = String(words[1].dropFirst().dropLast(2))
    }
    return stubs
  }
}
