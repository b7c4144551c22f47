// SPDX-License-Identifier: Apache-2.0
//
// Which symbol names an address where there is nothing but a symbol table.

import Testing

@testable import Symbolication

struct ElfSymbolTableTests {
  @Test func aSymbolNamesExactlyWhatItCovers() throws {
    let names = try Names()
    #expect(names.name("sized", 0) == "sized")
    #expect(names.name("sized", 15) == "sized")
    #expect(names.name("sized", 16) == nil)
    #expect(names.name("sized", 31) == nil)
  }

  @Test func aLabelInsideAFunctionDoesNotHideIt() throws {
    let names = try Names()
    #expect(names.name("label_inside", 0) == "sized")
    #expect(names.name("label_inside", 8) == nil)
  }

  @Test func aSymbolWithoutASizeGoesUpToTheNext() throws {
    let names = try Names()
    #expect(names.name("unsized", 0) == "unsized")
    #expect(names.name("unsized", 15) == "unsized")
    #expect(names.name("unsized", 16) == "outer")
  }

  @Test func theInnermostFunctionIsNamed() throws {
    let names = try Names()
    #expect(names.name("outer", 3) == "outer")
    #expect(names.name("outer", 4) == "inner")
    #expect(names.name("outer", 7) == "inner")
    #expect(names.name("outer", 8) == "outer")
  }

  @Test func ofTwoNamesTheOneForReadersIsTaken() throws {
    #expect(try Names().name("__alias", 5) == "alias")
  }

  @Test func codeOfTheLinkersOwnHasNoFunctionsName() throws {
    let fixture = try Fixture("calls.cpp", compiler: "c++", flags: ["-O2"])
    let sections = try ElfSections(ofFile: fixture.path)
    var table = ElfSymbolTable(
      file: try #require(try ElfFile.of(fixture.image(), sysroot: nil)))
    for section in sections.sections where section.name.hasPrefix(".plt") {
      #expect(table.name(at: section.address) == nil)
      #expect(table.name(at: section.address + UInt64(section.byteCount) - 1) == nil)
    }
    #expect(sections.sections.contains { $0.name.hasPrefix(".plt") })
  }

  /// The symbol table of `assembly.c`, read relative to its symbols.
  private struct Names {
    private let file: ElfFile
    private let addresses: [String: UInt64]

    init() throws {
      let fixture = try Fixture("assembly.c", compiler: "cc", flags: [])
      addresses = try symbolAddresses(of: fixture)
      file = try #require(try ElfFile.of(fixture.image(), sysroot: nil))
    }

    func name(_ symbol: String, _ offset: UInt64) -> String? {
      guard let address = addresses[symbol] else { return "no such symbol" }
      var table = ElfSymbolTable(file: file)
      return table.name(at: address + offset)
    }
  }
}
