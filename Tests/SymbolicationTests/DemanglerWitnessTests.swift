// SPDX-License-Identifier: Apache-2.0
//
// Thousands of linker names, demangled by us and by the tools of their languages.

import Foundation
import Testing

@testable import Symbolication

struct DemanglerWitnessTests {
  private static let cxxLibrary = "/usr/lib/x86_64-linux-gnu/libstdc++.so.6"

  @Test(
    .enabled(if: Tool("c++filt") != nil && FileManager.default.fileExists(atPath: cxxLibrary)))
  func namesOfTheCXXLibraryReadAsBinutilsReadsThem() throws {
    let names = try names(in: Self.cxxLibrary, dynamic: true) { $0.hasPrefix("_Z") }
    #expect(names.count > 2000)
    try expectEqual(names, Tool("c++filt"), ["--no-verbose"])
  }

  @Test(.enabled(if: Tool("rustc") != nil && Tool("llvm-cxxfilt") != nil))
  func namesOfARustProgramReadAsLLVMReadsThem() throws {
    let fixture = try Fixture(
      "shop.rs", compiler: "rustc",
      flags: ["-g", "-C", "symbol-mangling-version=v0"])
    let names = try names(in: fixture.path, dynamic: false) {
      // Of data it writes the suffix otherwise.
      $0.hasPrefix("_R") && !$0.contains(".")
    }
    #expect(names.count > 100)
    try expectEqual(names, Tool("llvm-cxxfilt"))
  }

  @Test(.enabled(if: Tool("swift-demangle") != nil && Tool("swiftc") != nil))
  func namesOfASwiftProgramReadAsSwiftReadsThem() throws {
    let fixture = try Fixture("shop.swift", compiler: "swiftc", flags: ["-static-stdlib"])
    let names = try names(in: fixture.path, dynamic: false) { $0.hasPrefix("$s") }
    #expect(names.count > 2000)
    try expectEqual(names, Tool("swift-demangle"), ["-compact", "-no-sugar"])
  }

  private func names(
    in path: String, dynamic: Bool, where isWanted: (String) -> Bool
  ) throws -> [String] {
    let nm = try #require(Tool("nm"))
    let names = try nm.run((dynamic ? ["-D"] : []) + ["--no-demangle", path]).split(separator: "\n")
      .compactMap { $0.split(separator: " ").last?.split(separator: "@").first.map(String.init) }
      .filter(isWanted)
    return Array(Set(names)).sorted()
  }

  private func expectEqual(_ names: [String], _ tool: Tool?, _ arguments: [String] = []) throws {
    let output = try #require(tool).run(arguments, input: names.joined(separator: "\n") + "\n")
    let theirs = output.split(separator: "\n").map(String.init)
    #expect(theirs.count == names.count)
    let different = zip(names, theirs).filter { Demangler.demangle($0) != $1 }
    #expect(different.count <= names.count / 100, "\(different.prefix(3))")
  }
}
