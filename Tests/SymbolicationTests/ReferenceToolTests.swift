// SPDX-License-Identifier: Apache-2.0
//
// The same addresses, asked of us and of llvm-symbolizer and eu-addr2line where these are
// installed: fixtures byte by byte, the system's own large files by sample.

import Foundation
import Testing

@testable import Symbolication

struct ReferenceToolTests {
  static let systemFiles = [
    "/lib/x86_64-linux-gnu/libc.so.6", "/usr/lib/x86_64-linux-gnu/libstdc++.so.6",
    "/usr/lib/aarch64-linux-gnu/libc.so.6", "/usr/lib/aarch64-linux-gnu/libstdc++.so.6",
    "/usr/bin/node",
  ].filter(FileManager.default.fileExists(atPath:))

  @Test(
    .enabled(if: Tool("llvm-symbolizer") != nil),
    arguments: ["-O2 -g", "-O2 -gdwarf-4", "-O3 -g", "-O0 -g", "-O2 -g -flto", "-O2 -g -gz"])
  func fixturesReadAsLLVMSymbolizerReadsThem(flags: String) throws {
    let fixture = try Fixture(
      "calls.cpp", compiler: "c++", flags: flags.split(separator: " ").map(String.init))
    let addresses = try ElfSections(ofFile: fixture.path).codeAddresses(count: 100_000)
    // Nothing but the linker's start-up code may differ, for which the tool names a file.
    let ours = try ours(fixture.path, addresses).filter { $0.value.contains { $0.line > 0 } }
    #expect(ours.count > 100)
    expectEqual(ours, try llvmSymbolizer(fixture.path, addresses))
  }

  @Test(
    .enabled(if: Tool("eu-addr2line") != nil), arguments: ["-O2 -g", "-O2 -gdwarf-4", "-O0 -g"])
  func fixturesReadAsElfutilsReadsThem(flags: String) throws {
    let fixture = try Fixture(
      "calls.cpp", compiler: "c++", flags: flags.split(separator: " ").map(String.init))
    let addresses = try ElfSections(ofFile: fixture.path).codeAddresses(count: 100_000)
    let ours = try ours(fixture.path, addresses).filter { $0.value.contains { $0.line > 0 } }
    expectEqual(ours, try euAddr2line(fixture.path, addresses))
  }

  @Test(.enabled(if: Tool("eu-addr2line") != nil), arguments: systemFiles)
  func systemFilesReadAsElfutilsReadsThem(path: String) throws {
    // Its answers take time proportional to the symbols of the file, each.
    let addresses = try ElfSections(ofFile: path).codeAddresses(count: 300)
    let ours = try ours(path, addresses)
    let theirs = try euAddr2line(path, addresses)
    let same = addresses.count { ours[$0]?.map(\.line) == theirs[$0]?.map(\.line) }
    let sameNames = addresses.count { address in
      zip(ours[address] ?? [], theirs[address] ?? []).allSatisfy { $0.hasSameName(as: $1) }
    }
    // Padding between functions, data in code and aliases of one address are told differently.
    #expect(Double(same) >= 0.98 * Double(addresses.count))
    #expect(Double(sameNames) >= 0.95 * Double(addresses.count))
  }

  // MARK: -

  /// A frame in the form that all can be brought into.
  struct Line: Hashable, CustomStringConvertible {
    var function: String
    var file: String
    var line: Int

    var description: String { "\(function) \(file):\(line)" }

    /// Whether two demanglers' or compilers' spellings mean one function.
    func hasSameName(as other: Line) -> Bool {
      function.isEmpty || Self.plain(function) == Self.plain(other.function)
    }

    /// Without scope, parameters, template arguments and what compilers append to parts of
    /// functions.
    private static func plain(_ name: String) -> Substring {
      let name = name.replacingOccurrences(of: "(anonymous namespace)", with: "anonymous")
      let end = name.firstIndex { "(<[.@".contains($0) } ?? name.endIndex
      let scoped = name[..<end].split(separator: " ").last ?? ""
      return scoped.split(separator: ":").last ?? ""
    }
  }

  private func expectEqual(_ ours: [UInt64: [Line]], _ theirs: [UInt64: [Line]]) {
    let different = ours.keys.sorted().filter { address in
      guard let ours = ours[address], let theirs = theirs[address] else { return true }
      return ours.count != theirs.count
        || !zip(ours, theirs).allSatisfy {
          $0.file == $1.file && $0.line == $1.line && $0.hasSameName(as: $1)
        }
    }
    #expect(
      different.isEmpty,
      "\(different.map { (String($0, radix: 16), ours[$0] ?? [], theirs[$0] ?? []) }.prefix(3))")
  }

  private func ours(_ path: String, _ addresses: [UInt64]) throws -> [UInt64: [Line]] {
    var symbolicator = ElfSymbolicator(images: [try Fixture.image(ofFile: path)])
    let frames = symbolicator.frames(
      for: addresses.map { CodeAddress(address: $0, isReturnAddress: false, image: 0) })
    let lines = frames.map { frames in
      frames.map { frame in
        Line(
          function: frame.function ?? "", file: frame.line == nil ? "" : frame.file ?? "",
          line: frame.line ?? 0)
      }
    }
    return Dictionary(uniqueKeysWithValues: zip(addresses, lines))
  }

  private func llvmSymbolizer(_ path: String, _ addresses: [UInt64]) throws -> [UInt64: [Line]] {
    try parsed(
      Tool("llvm-symbolizer"), ["--inlines", "--output-style=GNU", "-a", "-e", path], addresses)
  }

  private func euAddr2line(_ path: String, _ addresses: [UInt64]) throws -> [UInt64: [Line]] {
    try parsed(Tool("eu-addr2line"), ["-i", "-f", "-C", "-a", "-A", "-e", path], addresses)
  }

  /// Both print the address (and eu-addr2line fails when it does not know one), then a line with the function and one with the place, each frame.
  private func parsed(
    _ tool: Tool?, _ arguments: [String], _ addresses: [UInt64]
  ) throws -> [UInt64: [Line]] {
    let input = addresses.map { "0x" + String($0, radix: 16) }.joined(separator: "\n") + "\n"
    var result: [UInt64: [Line]] = [:]
    var address: UInt64 = 0
    var function: String?
    for text in try tool?.run(arguments, input: input, mayFail: true).split(separator: "\n") ?? [] {
      if text.hasPrefix("0x"), let number = UInt64(text.dropFirst(2), radix: 16) {
        address = number
        result[address] = []
      } else if let name = function {
        result[address]?.append(line(name, text))
        function = nil
      } else {
        function = text == "??" ? "" : String(text)
      }
    }
    return result
  }

  /// From `file:line`, `file:line:column` or either with ` (discriminator N)`.
  private func line(_ function: String, _ place: Substring) -> Line {
    let function = function.components(separatedBy: " inlined at ")[0]
    let parts = place.split(separator: " ", maxSplits: 1)[0].split(separator: ":")
    let number = parts.count > 1 ? Int(parts[1]) ?? 0 : 0
    return Line(function: function, file: number == 0 ? "" : String(parts[0]), line: number)
  }
}
