// SPDX-License-Identifier: Apache-2.0
//
// Addresses of this very process: a Swift program and the system's libraries, as they are loaded.

import Foundation
import Testing

@testable import Symbolication

struct OwnProcessTests {
  @Test func functionsTheLoaderFindsByNameAreNamed() throws {
    let names = ["strdup", "qsort", "posix_memalign", "pthread_create", "fopen", "getenv"]
    let addresses = try names.map { UInt64(UInt(bitPattern: try #require(dlsym(nil, $0)))) }
    let images = try addresses.map { try #require(try Self.image(at: $0)) }
    var symbolicator = ElfSymbolicator(images: images)
    let frames = symbolicator.frames(
      for: addresses.enumerated().map { index, address in
        CodeAddress(address: address, isReturnAddress: false, image: index)
      })
    for (name, frames) in zip(names, frames) {
      // glibc has inner names for its own functions: __GI___strdup, _IO_new_fopen.
      #expect(frames.last?.function?.contains(name) == true, "\(name): \(frames)")
    }
    #expect(symbolicator.warnings.isEmpty)
  }

  @Test func aSwiftFunctionHasItsNameFileAndLine() throws {
    let (addresses, line) = stackHere()
    let executable = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
    // The innermost frames are Foundation's own.
    let image = try #require(
      try addresses.lazy.compactMap(Self.image).first { $0.path == executable })
    let own = addresses.filter { image.start..<image.end ~= $0 }.prefix(2)
    var symbolicator = ElfSymbolicator(images: [image])
    let frames = symbolicator.frames(
      for: own.map { CodeAddress(address: $0, isReturnAddress: true, image: 0) })
    // ThreadSanitizer's backtrace() is part of the executable, and stands in front.
    let frame = try #require(
      frames.compactMap(\.last).first { $0.function?.contains("backtrace") != true })
    #expect(frame.function?.contains("OwnProcessTests.(stackHere in ") == true)
    #expect(frame.file == #filePath)
    #expect(frame.line == line)
  }

  /// The stack from this function on, and the line of the call in it.
  @inline(never)
  private func stackHere() -> (returnAddresses: [UInt64], line: Int) {
    let (addresses, line) = (Thread.callStackReturnAddresses, #line)
    return (addresses.map(\.uint64Value), line)
  }

  /// The file that is mapped at an address, as /proc has it.
  private static func image(at address: UInt64) throws -> LoadedImage? {
    // Foundation reads no more than the first page of a file that says its size is 0.
    let process = ProcessInfo.processInfo.processIdentifier
    let lines = try #require(Tool("cat")).run(["/proc/\(process)/maps"])
      .split(separator: "\n")
      .map { $0.split(separator: " ", maxSplits: 5, omittingEmptySubsequences: true) }
      .filter { $0.count == 6 && $0[5].drop { $0 == " " }.hasPrefix("/") }
    func range(_ line: [Substring]) -> Range<UInt64> {
      let ends = line[0].split(separator: "-").compactMap { UInt64($0, radix: 16) }
      return ends[0]..<ends[1]
    }
    guard let hit = lines.first(where: { range($0).contains(address) }) else { return nil }
    let mappings = lines.filter { $0[5] == hit[5] }.map(range)
    let path = String(hit[5].drop { $0 == " " })
    return LoadedImage(
      path: path, buildID: try ElfSections(ofFile: path).buildID,
      start: mappings.map(\.lowerBound).min() ?? 0, end: mappings.map(\.upperBound).max() ?? 0,
      loadBias: mappings.map(\.lowerBound).min() ?? 0)
  }
}
